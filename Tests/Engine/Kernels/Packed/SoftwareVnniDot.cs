using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>What <see cref="AvxVnniDot"/> does, its instructions (<c>vpdpbusd</c>, <c>vpdpwssd</c>) written out: for CPUs that have none.</summary>
internal readonly struct SoftwareVnniDot : IDot<Vector256<byte>>
{
    public static bool TakesBytes => true;

    public static Vector256<byte> MultiplyAddInt16(Vector256<byte> sum, Vector256<byte> a, Vector256<byte> b)
    {
        var result = sum.AsInt32();
        for (var i = 0; i < 16; i++)
        {
            result = result.WithElement(i / 2, result[i / 2] + (a.AsInt16()[i] * b.AsInt16()[i]));
        }

        return result.AsByte();
    }

    public static Vector256<byte> Dot(Vector256<byte> partial, Vector256<byte> codes, Vector256<byte> activations)
    {
        var result = partial.AsInt32();
        for (var i = 0; i < 32; i++)
        {
            result = result.WithElement(i / 4, result[i / 4] + (codes[i] * activations.AsSByte()[i]));
        }

        return result.AsByte();
    }

    public static Vector256<byte> Fold(Vector256<byte> total, Vector256<byte> partial, Vector256<byte> scales) => AvxVnniDot.Fold(total, partial, scales);
}
