using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Kernels.Attention;

public sealed class TiledAttentionTests
{
    // Both compute in f32 on the same keys and values, in another order; results are within ±2.
    private const double Tolerance = 1e-5;

    public static TheoryData<string, KvType> Shapes() => new MatrixTheoryData<string, KvType>(
        ["8/2x64", "4/4x16", "3/1x22", "7/1x80", "6/2x48:32", "40/1x8", "2/2x128", "5/5x33:70", "1/1x1"],
        [KvType.F32, KvType.F16, KvType.Q8_0]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Agrees_with_double_arithmetic(string shape, KvType type)
    {
        using var bed = new AttentionBed(HeadShape.Parse(shape), type);
        foreach (var length in (int[])[1, 2, 17, 33, 256, 257, 530])
        {
            var content = new MadeUpTokens(bed.Shape, length, seed: length);
            var found = bed.Prefill(length, content, length);
            foreach (var position in (int[])[0, length / 2, length - 1])
            {
                RequireClose(Naive(bed, length, content, position), Row(bed, found, position), Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Agrees_with_the_reference_on_any_block_length(string shape, KvType type)
    {
        var content = new MadeUpTokens(HeadShape.Parse(shape), 300, seed: 5);
        using var reference = new AttentionBed(HeadShape.Parse(shape), type, isReference: true);
        var expected = reference.Prefill(1, content, 300);
        foreach (var blockLength in (int[])[1, 5, 16, 48, 200])
        {
            using var bed = new AttentionBed(HeadShape.Parse(shape), type, blockLength, threads: 2);
            var found = bed.Prefill(1, content, 300);
            RequireClose([.. expected.Select(value => (double)value)], found, Tolerance);
        }
    }

    [Theory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    public void Large_scores_choose_one_value(KvType type)
    {
        using var bed = new AttentionBed(HeadShape.Parse("4/2x64"), type);
        var content = new MadeUpTokens(bed.Shape, 600, seed: 9, scale: 3e4f);
        var found = bed.Prefill(1, content, 600);
        for (var position = 0; position < 600; position += 37)
        {
            RequireClose(Naive(bed, 1, content, position), Row(bed, found, position), 3e4 * 1e-4);
        }
    }

    [Fact]
    public void Subnormal_halves_and_zeros_are_values_as_others()
    {
        using var bed = new AttentionBed(HeadShape.Parse("4/2x64"), KvType.F16);
        var content = new MadeUpTokens(bed.Shape, 300, seed: 2, scale: 5e-5f);
        content.Value(17).AsSpan().Clear();
        content.Key(18).AsSpan().Clear();
        var found = bed.Prefill(1, content, 300);
        Assert.Contains(bed.Read(1, 0, 300).Values, value => value != 0 && MathF.Abs(value) < 6e-5f);
        for (var position = 0; position < 300; position += 13)
        {
            RequireClose(Naive(bed, 1, content, position), Row(bed, found, position), 5e-5 * 1e-5);
        }
    }

    [Theory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    public void What_a_query_does_not_see_does_not_reach_it(KvType type)
    {
        var shape = HeadShape.Parse("3/1x40");
        var clean = new MadeUpTokens(shape, 280, seed: 3);
        var spoilt = new MadeUpTokens(shape, 280, seed: 3);
        foreach (var values in (float[][])[spoilt.Key(270), spoilt.Value(270)])
        {
            Array.Fill(values, float.NaN);
        }

        using var bed = new AttentionBed(shape, type);
        using var other = new AttentionBed(shape, type);
        var expected = bed.Prefill(1, clean, 280);
        var found = other.Prefill(1, spoilt, 280);
        Assert.Equal(expected[..(270 * shape.ResultWidth)], found[..(270 * shape.ResultWidth)]);
        Assert.All(found[(270 * shape.ResultWidth)..], value => Assert.True(float.IsNaN(value)));
    }

    [Theory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    public void Infinite_values_stay_infinite(KvType type)
    {
        using var bed = new AttentionBed(HeadShape.Parse("1/1x16"), type);
        var content = new MadeUpTokens(bed.Shape, 40, seed: 3);
        Array.Fill(content.Value(20), float.NegativeInfinity);
        Assert.All(Row(bed, bed.Prefill(1, content, 40), 30), value => Assert.Equal(float.NegativeInfinity, value));
    }

    /// <summary>Softmax attention in double precision on what the cache holds: (heads, valueSize).</summary>
    private static double[] Naive(AttentionBed bed, long sequence, MadeUpTokens content, int position)
    {
        var shape = bed.Shape;
        var result = new double[shape.ResultWidth];
        for (var head = 0; head < shape.Heads; head++)
        {
            var (keys, values) = bed.Read(sequence, head / (shape.Heads / shape.KvHeads), position + 1);
            var query = content.Query(position).AsSpan(head * shape.KeySize, shape.KeySize).ToArray();
            double[] scores = [.. keys.Chunk(shape.KeySize).Select(key => key.Zip(query, (k, q) => (double)k * q).Sum() / Math.Sqrt(shape.KeySize))];
            double[] weights = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
            for (var d = 0; d < shape.ValueSize; d++)
            {
                result[(head * shape.ValueSize) + d] =
                    weights.Select((weight, i) => weight * values[(i * shape.ValueSize) + d]).Sum() / weights.Sum();
            }
        }

        return result;
    }

    private static float[] Row(AttentionBed bed, float[] results, int position) =>
        results[(position * bed.Shape.ResultWidth)..((position + 1) * bed.Shape.ResultWidth)];

    private static void RequireClose(double[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - found[i]) <= tolerance, $"{i}: expected {expected[i]}, found {found[i]}");
        }
    }
}
