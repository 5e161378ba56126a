using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Kernels.Attention;

/// <summary>The result for a query is the same, bit for bit, in any batch, chunking, paging, fork, and number of threads.</summary>
public sealed class AttentionDeterminismTests
{
    private const int Length = 900;

    public static TheoryData<string, KvType> Shapes() => new MatrixTheoryData<string, KvType>(
        ["8/2x64", "3/3x22", "7/1x80:48", "36/1x16"], [KvType.F32, KvType.F16, KvType.Q8_0]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Random_batches_give_each_sequence_the_bits_it_has_alone(string shape, KvType type)
    {
        var heads = HeadShape.Parse(shape);
        var contents = Contents(heads);
        var expected = contents.Select(content => Alone(heads, type, content)).ToArray();
        var random = new Random(shape.Length + (int)type);
        foreach (var blockLength in (int[])[32, 7, 48])
        {
            foreach (var threads in (int[])[1, 2, 5])
            {
                using var bed = new AttentionBed(heads, type, blockLength, threads);
                Fuzz(bed, contents, expected, random, $"blocks of {blockLength}, {threads} threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void One_token_behind_a_long_context_has_the_bits_of_the_prompt_on_any_number_of_threads(string shape, KvType type)
    {
        var heads = HeadShape.Parse(shape);
        var content = Contents(heads)[0];
        var expected = Alone(heads, type, content)[((Length - 1) * heads.ResultWidth)..];
        for (var threads = 1; threads <= 5; threads++)
        {
            using var bed = new AttentionBed(heads, type, threads: threads);
            bed.Prefill(1, content, Length - 1);
            Assert.Equal(expected, bed.Step([], (content, new Segment(1, Length - 1, 1)))[0]);
        }
    }

    /// <summary>Four sequences; the last shares its first tokens with the first.</summary>
    private static MadeUpTokens[] Contents(HeadShape heads)
    {
        var first = new MadeUpTokens(heads, Length, seed: 1);
        return
        [
            first,
            new(heads, Length, seed: 2),
            new(heads, Length, seed: 3),
            new(heads, Length, seed: 4, prefix: first, shared: Length / 3),
        ];
    }

    private static float[] Alone(HeadShape heads, KvType type, MadeUpTokens content)
    {
        using var bed = new AttentionBed(heads, type);
        return bed.Prefill(1, content, Length);
    }

    private static void Fuzz(AttentionBed bed, MadeUpTokens[] contents, float[][] expected, Random random, string what)
    {
        var done = new int[contents.Length];
        SequenceOperation[] operations = [.. Enumerable.Range(0, 3).Select(i => SequenceOperation.Open(i, Length))];
        done[3] = -1;
        while (done.Any(count => count < Length))
        {
            if (done[3] < 0 && done[0] >= Length / 3)
            {
                done[3] = Length / 3;
                operations = [SequenceOperation.Fork(3, 0, Length / 3, Length)];
            }

            var segments = Segments(contents, done, random);
            var results = bed.Step(operations, segments);
            operations = [];
            foreach (var ((_, segment), result) in segments.Zip(results))
            {
                var first = segment.FirstPosition * bed.Shape.ResultWidth;
                var same = expected[segment.Sequence].AsSpan(first, result.Length).SequenceEqual(result);
                Assert.True(same, $"{what}: {segment} differs");
            }
        }
    }

    /// <summary>Some of the sequences, each with one token or a chunk, sometimes beginning before where it ended.</summary>
    private static (MadeUpTokens Content, Segment Segment)[] Segments(MadeUpTokens[] contents, int[] done, Random random)
    {
        var segments = new List<(MadeUpTokens, Segment)>();
        for (var i = 0; i < contents.Length; i++)
        {
            if (done[i] < 0 || done[i] == Length || random.Next(4) == 0)
            {
                continue;
            }

            var first = Math.Max(0, done[i] - (random.Next(8) == 0 ? random.Next(40) : 0));
            var count = Math.Min(random.Next(3) == 0 ? 1 : random.Next(1, 200), Length - first);
            segments.Add((contents[i], new Segment(i, first, count)));
            done[i] = first + count;
        }

        return [.. segments];
    }
}
