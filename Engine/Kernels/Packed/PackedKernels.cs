using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Floats;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>Which kernel is for which tensor type on this CPU.</summary>
internal static unsafe class PackedKernels
{
    /// <summary>The kernel that is fastest here.</summary>
    /// <remarks>
    /// Where a CPU has both AVX-512 and AVX-VNNI (which .NET has for 256 bits only), AVX-512 multiplies unsigned codes faster: it has twice the
    /// registers, so that a code that was read serves twice as many columns. Signed codes it must widen to 16 bits, and AVX-VNNI need not.
    /// Bench's <c>instructions</c> measures this.
    /// </remarks>
    /// <exception cref="EngineException"><c>unsupported_type</c></exception>
    public static PackedKernel For(TensorType type)
    {
        if (Avx512Isa.IsSupported && !(IsSigned(type) && AvxVnniDot.IsSupported))
        {
            return For<Avx512Isa, Vector512<byte>>(type);
        }

        if (AvxVnniDot.IsSupported)
        {
            return For<Vector256Isa<AvxVnniDot>, Vector256<byte>>(type);
        }

        return Avx2Dot.IsSupported ? For<Vector256Isa<Avx2Dot>, Vector256<byte>>(type) : ForNarrow(type);
    }

    private static bool IsSigned(TensorType type) => type is TensorType.Q8_0 or TensorType.IQ4_NL or TensorType.IQ4_XS;

    private static PackedKernel ForNarrow(TensorType type)
    {
        if (ArmDot.IsSupported)
        {
            return For<Vector128Isa<ArmDot>, Vector128<byte>>(type);
        }

        if (AdvSimdDot.IsSupported)
        {
            return For<Vector128Isa<AdvSimdDot>, Vector128<byte>>(type);
        }

        return Ssse3Dot.IsSupported ? For<Vector128Isa<Ssse3Dot>, Vector128<byte>>(type) : For<Vector128Isa<PortableDot>, Vector128<byte>>(type);
    }

    /// <summary>The kernel of an instruction set, which this CPU must have.</summary>
    /// <exception cref="EngineException"><c>unsupported_type</c></exception>
    public static PackedKernel For<TIsa, TVector>(TensorType type)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => type switch
        {
            TensorType.F32 => new FloatKernel<TIsa, TVector, FloatF32>(),
            TensorType.F16 => new FloatKernel<TIsa, TVector, FloatF16>(),
            TensorType.BF16 => new FloatKernel<TIsa, TVector, FloatBF16>(),
            TensorType.Q4_0 => new PackedKernel<TIsa, TVector, PackedQ4_0>(sizeof(BlockQ4_0)),
            TensorType.Q4_1 => new PackedKernel<TIsa, TVector, PackedQ4_1>(sizeof(BlockQ4_1)),
            TensorType.Q5_0 => new PackedKernel<TIsa, TVector, PackedQ5_0>(sizeof(BlockQ5_0)),
            TensorType.Q5_1 => new PackedKernel<TIsa, TVector, PackedQ5_1>(sizeof(BlockQ5_1)),
            TensorType.Q8_0 => TIsa.TakesBytes
                ? new PackedKernel<TIsa, TVector, PackedQ8_0Bytes>(sizeof(BlockQ8_0))
                : new PackedKernel<TIsa, TVector, PackedQ8_0>(sizeof(BlockQ8_0)),
            TensorType.Q2_K => new PackedKernel<TIsa, TVector, PackedQ2_K>(sizeof(BlockQ2_K)),
            TensorType.Q3_K => new PackedKernel<TIsa, TVector, PackedQ3_K>(sizeof(BlockQ3_K)),
            TensorType.Q4_K => new PackedKernel<TIsa, TVector, PackedQ4_K>(sizeof(BlockQ4_K)),
            TensorType.Q5_K => new PackedKernel<TIsa, TVector, PackedQ5_K>(sizeof(BlockQ5_K)),
            TensorType.Q6_K => new PackedKernel<TIsa, TVector, PackedQ6_K>(sizeof(BlockQ6_K)),
            TensorType.IQ4_NL => TIsa.TakesBytes
                ? new PackedKernel<TIsa, TVector, PackedIQ4_NLBytes>(sizeof(BlockIQ4_NL))
                : new PackedKernel<TIsa, TVector, PackedIQ4_NL>(sizeof(BlockIQ4_NL)),
            TensorType.IQ4_XS => TIsa.TakesBytes
                ? new PackedKernel<TIsa, TVector, PackedIQ4_XSBytes>(sizeof(BlockIQ4_XS))
                : new PackedKernel<TIsa, TVector, PackedIQ4_XS>(sizeof(BlockIQ4_XS)),
            _ => throw new EngineException("unsupported_type", $"no packed kernel for {type}"),
        };
}
