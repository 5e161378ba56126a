using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>The instruction sets that there are kernels for, and which of them this CPU has.</summary>
internal static class InstructionSets
{
    private static readonly Dictionary<string, (bool IsSupported, Func<TensorType, PackedKernel> Kernel)> All = new()
    {
        ["AVX-512"] = (Avx512Isa.IsSupported, PackedKernels.For<Avx512Isa, Vector512<byte>>),
        ["AVX2"] = (Avx2Dot.IsSupported, PackedKernels.For<Vector256Isa<Avx2Dot>, Vector256<byte>>),
        ["AVX-VNNI"] = (AvxVnniDot.IsSupported, PackedKernels.For<Vector256Isa<AvxVnniDot>, Vector256<byte>>),
        ["AVX-VNNI in software"] = (Avx2Dot.IsSupported, PackedKernels.For<Vector256Isa<SoftwareVnniDot>, Vector256<byte>>),
        ["SSSE3"] = (Ssse3Dot.IsSupported, PackedKernels.For<Vector128Isa<Ssse3Dot>, Vector128<byte>>),
        ["AdvSimd"] = (AdvSimdDot.IsSupported, PackedKernels.For<Vector128Isa<AdvSimdDot>, Vector128<byte>>),
        ["ARM dot products"] = (ArmDot.IsSupported, PackedKernels.For<Vector128Isa<ArmDot>, Vector128<byte>>),
        ["ARM dot products in software"] = (true, PackedKernels.For<Vector128Isa<SoftwareArmDot>, Vector128<byte>>),
        ["any"] = (true, PackedKernels.For<Vector128Isa<PortableDot>, Vector128<byte>>),
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>The kernel of an instruction set; skips the running test where this CPU does not have it.</summary>
    public static PackedKernel Kernel(string name, TensorType type)
    {
        var (isSupported, kernel) = All[name];
        Assert.SkipUnless(isSupported, $"this CPU has no {name}");
        return kernel(type);
    }
}
