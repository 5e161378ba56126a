using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>What <see cref="ArmDot"/> does, its instruction (<c>sdot</c>, of signed bytes) written out: for CPUs that have none.</summary>
internal readonly struct SoftwareArmDot : IDot<Vector128<byte>>
{
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b) => PortableDot.MultiplyAddInt16(sum, a, b);

    public static Vector128<byte> Dot(Vector128<byte> partial, Vector128<byte> codes, Vector128<byte> activations)
    {
        var result = partial.AsInt32();
        for (var i = 0; i < 16; i++)
        {
            result = result.WithElement(i / 4, result[i / 4] + (codes.AsSByte()[i] * activations.AsSByte()[i]));
        }

        return result.AsByte();
    }

    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> partial, Vector128<byte> scales) => ArmDot.Fold(total, partial, scales);
}
