using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf.Blocks;

/// <summary>Blocks whose elements were computed by hand from the specification.</summary>
public sealed class DequantizeTests
{
    // Halves, little-endian.
    private static readonly byte[] Half1 = [0x00, 0x3C];
    private static readonly byte[] Half2 = [0x00, 0x40];
    private static readonly byte[] HalfMinusHalf = [0x00, 0xB8];

    [Fact]
    public void F32_is_copied() => Equal([1.5f, -0f], Dequantize(TensorType.F32, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0x80]));

    [Fact]
    public void F16_has_ten_bits_of_fraction_and_small_numbers_below_the_normal_ones() =>
        Equal(
            [1f, -2f, 65504f, 1f / (1 << 24), float.PositiveInfinity],
            Dequantize(TensorType.F16, [0x00, 0x3C, 0x00, 0xC0, 0xFF, 0x7B, 0x01, 0x00, 0x00, 0x7C]));

    [Fact]
    public void BF16_is_the_upper_half_of_a_float() =>
        Equal([1f, -3.140625f], Dequantize(TensorType.BF16, [0x80, 0x3F, 0x49, 0xC0]));

    [Fact]
    public void Q4_0_counts_from_eight()
    {
        var values = Dequantize(TensorType.Q4_0, [.. HalfMinusHalf, 0xF0, .. Repeat(0x88, 14), 0x1A]);
        AllZeroBut(values, (0, 4f), (16, -3.5f), (15, -1f), (31, 3.5f));
    }

    [Fact]
    public void Q4_1_has_a_minimum()
    {
        var values = Dequantize(TensorType.Q4_1, [.. Half2, .. HalfMinusHalf, 0xF3, .. Repeat(0, 15)]);
        AllBut(-0.5f, values, (0, 5.5f), (16, 29.5f));
    }

    [Fact]
    public void Q5_0_has_fifth_bits_apart()
    {
        // Fifth bits of elements 1 to 31: all are 16, which stands for 0, but element 0 (7 - 16) and 31 (9 + 16 - 16).
        var values = Dequantize(TensorType.Q5_0, [.. Half2, 0xFE, 0xFF, 0xFF, 0xFF, 0x07, .. Repeat(0, 14), 0x90]);
        AllZeroBut(values, (0, -18f), (31, 18f));
    }

    [Fact]
    public void Q5_1_has_fifth_bits_and_a_minimum()
    {
        // Fifth bits of elements 9 and 16.
        var values = Dequantize(TensorType.Q5_1, [.. Half2, .. Half1, 0x00, 0x02, 0x01, 0x00, 0xF0, .. Repeat(0, 15)]);
        AllBut(1f, values, (9, 33f), (16, 63f));
    }

    [Fact]
    public void Q8_0_is_signed()
    {
        var values = Dequantize(TensorType.Q8_0, [.. HalfMinusHalf, 127, 0x80, .. Repeat(0, 29), 0xFF]);
        AllZeroBut(values, (0, -63.5f), (1, 64f), (31, 0.5f));
    }

    [Fact]
    public void Q2_K_has_scales_and_minimums_of_four_bits()
    {
        var scales = Repeat(0, 16);
        scales[0] = 0x21; // elements 0 to 15: scale 1, minimum 2
        scales[2] = 0x03; // elements 32 to 47: scale 3
        scales[15] = 0x0F; // elements 240 to 255: scale 15
        var quants = Repeat(0, 64);
        quants[0] = 0b11_10_01_10; // elements 0, 32, 64, 96: 2, 1, 2, 3
        quants[63] = 0b11_00_00_00; // element 255: 3
        var values = Dequantize(TensorType.Q2_K, [.. scales, .. quants, .. Half2, .. HalfMinusHalf]);
        // d = 2, dmin = -0.5: elements 1 to 15 are only minimum, + 0.5 * 2.
        Assert.All(values[1..16], value => Assert.Equal(1f, value));
        AllZeroBut([0, .. values[16..]], (32 - 15, 6f), (255 - 15, 90f));
        Assert.Equal(5f, values[0]);
    }

    [Fact]
    public void Q3_K_has_third_bits_and_scales_apart()
    {
        // Third bits of all elements, so that q - 4 is 0 where the lower two bits are; but not of element 32.
        var high = Repeat(0xFF, 32);
        high[0] = 0b1111_1101;
        var low = Repeat(0, 64);
        low[0] = 0b00_00_11_01; // element 0: 1, element 32: 3 - 4 = -1
        low[32] = 0b10_00_00_00; // element 224: 2
        var scales = Repeat(0, 12);
        scales[0] = 0x05; // sub-block 0: lower bits 5
        scales[2] = 0x0F; // sub-block 2: lower bits 15
        scales[6] = 0x10; // sub-block 14: lower bits 1
        scales[8] = 0b00_00_00_10; // sub-block 0: upper bits 2, so 37 - 32 = 5
        scales[10] = 0b11_00_00_01; // sub-block 2: upper bits 1, so 31 - 32 = -1; sub-block 14: 3, so 49 - 32 = 17
        var values = Dequantize(TensorType.Q3_K, [.. high, .. low, .. scales, .. Half2]);
        AllZeroBut(values, (0, 10f), (32, 2f), (224, 68f));
    }

    [Fact]
    public void Q4_K_has_scales_and_minimums_of_six_bits()
    {
        var quants = Repeat(0, 128);
        quants[0] = 0x21; // element 0: 1, element 32: 2
        quants[127] = 0xF3; // element 223: 3, element 255: 15
        var values = Dequantize(TensorType.Q4_K, [.. Half2, .. HalfMinusHalf, .. SixBitScales, .. quants]);
        EqualMinimums(values, 0, 32, 223, 255);
        Assert.Equal(2f * 5 * 1, values[0]);
        Assert.Equal((2f * 63 * 2) + (0.5f * 2), values[32]);
        Assert.Equal(2f * 0 * 3, values[223]);
        Assert.Equal((2f * 50 * 15) + (0.5f * 33), values[255]);
    }

    [Fact]
    public void Q5_K_has_fifth_bits_too()
    {
        var high = Repeat(0, 32);
        high[0] = 0b0000_0011; // elements 0 and 32
        high[31] = 0b1000_0000; // element 255
        var quants = Repeat(0, 128);
        quants[0] = 0x21; // element 0: 17, element 32: 18
        quants[127] = 0xF3; // element 223: 3, element 255: 31
        var values = Dequantize(TensorType.Q5_K, [.. Half2, .. HalfMinusHalf, .. SixBitScales, .. high, .. quants]);
        EqualMinimums(values, 0, 32, 223, 255);
        Assert.Equal(2f * 5 * 17, values[0]);
        Assert.Equal((2f * 63 * 18) + (0.5f * 2), values[32]);
        Assert.Equal(2f * 0 * 3, values[223]);
        Assert.Equal((2f * 50 * 31) + (0.5f * 33), values[255]);
    }

    [Fact]
    public void Q6_K_counts_from_32()
    {
        // All upper bits are 2, so that an element is what its lower bits say.
        var high = Repeat(0b10_10_10_10, 64);
        high[0] = 0b10_10_11_00; // element 0: 0, element 32: 3
        var low = Repeat(0, 128);
        low[0] = 0x45; // element 0: 5 - 32, element 64: 4
        low[32] = 0x07; // element 32: 7 + 16
        low[127] = 0xF0; // element 255: 15
        var scales = Repeat(1, 16);
        scales[2] = 0xFE; // elements 32 to 47: -2
        scales[15] = 3;
        var values = Dequantize(TensorType.Q6_K, [.. low, .. high, .. scales, .. HalfMinusHalf]);
        AllZeroBut(values, (0, 13.5f), (32, 23f), (64, -2f), (255, -22.5f));
    }

    [Fact]
    public void IQ4_NL_has_levels()
    {
        // Level 8 is 1.
        var values = Dequantize(TensorType.IQ4_NL, [.. Half2, 0xF0, .. Repeat(0x88, 14), 0x97]);
        AllBut(2f, values, (0, -254f), (16, 226f), (15, -20f), (31, 26f));
    }

    [Fact]
    public void IQ4_XS_has_levels_and_scales_of_six_bits()
    {
        var quants = Repeat(0x88, 128);
        quants[0] = 0xF0; // element 0: -127, element 16: 113
        quants[127] = 0x98; // element 255: 13
        // Lower bits of sub-blocks 0, 1, 7: 1, 2, 4; upper bits: 2, 0, 3; the others are 32, which stands for 0.
        byte[] low = [0x21, 0x00, 0x00, 0x40];
        byte[] high = [0b10_10_00_10, 0b11_10_10_10];
        var values = Dequantize(TensorType.IQ4_XS, [.. Half2, .. high, .. low, .. quants]);
        Assert.Equal([-254f, 226f, 2f], new[] { values[0], values[16], values[31] });
        Assert.All(values[32..64], value => Assert.Equal(2f * (2 - 32), value));
        Assert.All(values[64..224], value => Assert.Equal(0f, value));
        AllBut(2f * (52 - 32), values[224..], (31, 2f * 20 * 13));
    }

    /// <summary>Scales and minimums of the eight sub-blocks: (5, 0), (63, 2), (0, 0) to (0, 0), (50, 33).</summary>
    private static byte[] SixBitScales { get; } =
    [
        5, 63, 0, 0b11_00_0000, // scales 0 to 3; upper bits of scale 7
        0, 2, 0, 0b10_00_0000, // minimums 0 to 3; upper bits of minimum 7
        0, 0, 0, 0b0001_0010, // lower bits of minimum and scale 4 to 7
    ];

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private static float[] Dequantize(TensorType type, byte[] block)
    {
        var values = new float[block.Length / type.BlockBytes() * type.BlockLength()];
        BlockCodec.Dequantize(type, block, values);
        return values;
    }

    /// <summary>With <see cref="SixBitScales"/> and dmin -0.5: what the elements are where q is 0.</summary>
    private static void EqualMinimums(float[] values, params int[] otherwise)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!otherwise.Contains(i))
            {
                Assert.Equal(i is >= 32 and < 64 ? 1f : i >= 224 ? 16.5f : 0f, values[i]);
            }
        }
    }

    private static void Equal(float[] expected, float[] actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));

    private static void AllZeroBut(float[] values, params (int Index, float Value)[] others) => AllBut(0f, values, others);

    private static void AllBut(float value, float[] values, params (int Index, float Value)[] others)
    {
        var expected = new float[values.Length];
        expected.AsSpan().Fill(value);
        foreach (var (index, other) in others)
        {
            expected[index] = other;
        }

        Assert.Equal(expected, values);
    }
}
