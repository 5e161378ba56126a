using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>The code for CPUs that have no instruction for it, against what is to come out.</summary>
public sealed class Portable128Tests
{
    [Fact]
    public void Products_of_16_bits_are_added_in_pairs()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var (a, b) = (Bytes(random).AsInt16(), Bytes(random).AsInt16());
            var expected = Vector128.Create(Pair(a, b, 0), Pair(a, b, 1), Pair(a, b, 2), Pair(a, b, 3));
            Assert.Equal(expected, Portable128.MultiplyAddInt16(a.AsInt32(), b.AsInt32()));
            Assert.Equal(expected + Vector128.Create(5), Portable128.MultiplyAddInt16(Vector128.Create(5).AsByte(), a.AsByte(), b.AsByte()).AsInt32());
        }

        static int Pair(Vector128<short> a, Vector128<short> b, int lane) =>
            (a[2 * lane] * b[2 * lane]) + (a[(2 * lane) + 1] * b[(2 * lane) + 1]);
    }

    [Fact]
    public void Products_of_bytes_are_added_in_pairs()
    {
        var random = new Random(2);
        for (var i = 0; i < 1000; i++)
        {
            // Codes have 6 bits at most, activations no -128.
            var codes = Bytes(random) & Vector128.Create((byte)63);
            var activations = Vector128.Max(Bytes(random).AsSByte(), Vector128.Create((sbyte)-127));
            var expected = Vector128<short>.Zero;
            for (var element = 0; element < 16; element++)
            {
                expected = expected.WithElement(element / 2, (short)(expected[element / 2] + (codes[element] * activations[element])));
            }

            Assert.Equal(expected, Portable128.MultiplyAddBytes(codes.AsInt16(), activations.AsInt16()));
            Assert.Equal(expected, Portable128.MultiplyAddBytes(codes, activations.AsByte()));
        }
    }

    private static Vector128<byte> Bytes(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return Vector128.Create(bytes);
    }
}
