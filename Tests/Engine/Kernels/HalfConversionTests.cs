using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed unsafe class HalfConversionTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(16)]
    [InlineData(5)]
    public void Loading_is_exact_for_every_half_whatever_is_beside_it(int width)
    {
        // By 37: each vector has halves of all kinds. A width of 5 is all tail.
        var halves = Enumerable.Range(0, 65536).Select(i => BitConverter.UInt16BitsToHalf((ushort)(i * 37))).ToArray();
        var floats = new float[halves.Length + 32];
        fixed (Half* source = halves)
        fixed (float* destination = floats)
        {
            for (var i = 0; i <= halves.Length - width; i += width)
            {
                switch (width)
                {
                    case 32:
                        HalfConversion.LoadTwice(source + i, destination + i);
                        break;
                    case 16:
                        HalfConversion.Load(source + i, destination + i);
                        break;
                    default:
                        HalfConversion.ToSingle(source + i, destination + i, width);
                        break;
                }
            }
        }

        for (var i = 0; i < halves.Length / width * width; i++)
        {
            RequireSame((float)halves[i], floats[i], $"half 0x{BitConverter.HalfToUInt16Bits(halves[i]):X4}");
        }
    }

    [Fact]
    public void Every_half_and_what_lies_between_two_of_them_rounds_as_the_runtime_rounds()
    {
        var values = new List<float> { float.NaN, -float.NaN, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 65519.996f, 65520f, -65520f };
        for (var bits = 0; bits < 65536; bits++)
        {
            // The half itself, the tie above it, and the floats next to the tie.
            var half = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)bits));
            foreach (var offset in (uint[])[0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF])
            {
                values.Add(BitConverter.UInt32BitsToSingle(half + offset));
            }
        }

        // Among subnormal halves, ties are elsewhere; all multiples of a quarter of the smallest half have them.
        values.AddRange(Enumerable.Range(0, 4200).Select(i => i * MathF.ScaleB(1f, -26)));
        values.AddRange(Enumerable.Range(0, 4200).Select(i => MathF.BitIncrement(i * MathF.ScaleB(1f, -26))));
        values.AddRange(Enumerable.Range(1, 4200).Select(i => -MathF.BitDecrement(i * MathF.ScaleB(1f, -26))));
        RequireRounding([.. values]);
    }

    [Fact]
    public void Any_float_rounds_as_the_runtime_rounds()
    {
        var random = new Random(8);
        RequireRounding([.. Enumerable.Range(0, 1 << 20).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))]);
    }

    private static void RequireRounding(float[] values)
    {
        var halves = new Half[values.Length];
        fixed (float* source = values)
        fixed (Half* destination = halves)
        {
            HalfConversion.ToHalf(source, destination, values.Length);
        }

        for (var i = 0; i < values.Length; i++)
        {
            RequireSame((float)(Half)values[i], (float)halves[i], $"float 0x{BitConverter.SingleToUInt32Bits(values[i]):X8}");
        }
    }

    private static void RequireSame(float expected, float found, string what) =>
        Assert.True(expected.Equals(found) && float.IsNegative(expected) == float.IsNegative(found), $"{what}: expected {expected}, found {found}");
}
