using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>An instruction set that there are packed kernels for.</summary>
/// <param name="Name">As its users call it.</param>
/// <param name="Kernel">Its kernel for a tensor type.</param>
internal sealed record InstructionSet(string Name, Func<TensorType, PackedKernel> Kernel)
{
    /// <summary>Those that this CPU has.</summary>
    public static IReadOnlyList<InstructionSet> Supported { get; } =
    [
        .. When(Avx512Isa.IsSupported, "AVX-512", PackedKernels.For<Avx512Isa, Vector512<byte>>),
        .. When(AvxVnniDot.IsSupported, "AVX-VNNI", PackedKernels.For<Vector256Isa<AvxVnniDot>, Vector256<byte>>),
        .. When(Avx2Dot.IsSupported, "AVX2", PackedKernels.For<Vector256Isa<Avx2Dot>, Vector256<byte>>),
        .. When(ArmDot.IsSupported, "ARM dot products", PackedKernels.For<Vector128Isa<ArmDot>, Vector128<byte>>),
        .. When(AdvSimdDot.IsSupported, "AdvSimd", PackedKernels.For<Vector128Isa<AdvSimdDot>, Vector128<byte>>),
        .. When(Ssse3Dot.IsSupported, "SSSE3", PackedKernels.For<Vector128Isa<Ssse3Dot>, Vector128<byte>>),
    ];

    private static InstructionSet[] When(bool isSupported, string name, Func<TensorType, PackedKernel> kernel) =>
        isSupported ? [new(name, kernel)] : [];
}
