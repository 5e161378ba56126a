using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Stages;

/// <summary>
/// A token's logits depend on the model and the tokens before it, and on nothing else: not on split, batch, chunks, threads, forks or
/// what was sent again. Bit for bit.
/// </summary>
public sealed class DeterminismContractTests
{
    private static readonly int[] Tokens = [1, .. Enumerable.Range(0, 90).Select(i => 3 + (i * 37 % 200))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<KernelKind, string, KvType> Models() =>
        new MatrixTheoryData<KernelKind, string, KvType>(Enum.GetValues<KernelKind>(), TinyModels.Names, Enum.GetValues<KvType>());

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Any_split_gives_the_bits_of_one_stage(KernelKind kernels, string model, KvType kvType)
    {
        using var device = new CpuDevice(threads: 2, kernels);
        var whole = await RunAsync(device, model, kvType, null, Tokens.Length);
        foreach (var split in Splits(TinyModels.LayerCount))
        {
            AssertSameBits(whole, await RunAsync(device, model, kvType, split, Tokens.Length), $"split {string.Join("+", split)}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Any_chunking_gives_the_bits_of_one_chunk(KernelKind kernels, string model, KvType kvType)
    {
        using var device = new CpuDevice(threads: 2, kernels);
        var whole = await RunAsync(device, model, kvType, null, Tokens.Length);
        foreach (var chunk in (int[])[1, 7, 32, 33])
        {
            AssertSameBits(whole, await RunAsync(device, model, kvType, null, chunk), $"chunks of {chunk}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Any_number_of_threads_gives_the_bits_of_one(KernelKind kernels, string model, KvType kvType)
    {
        using var one = new CpuDevice(threads: 1, kernels);
        var single = await RunAsync(one, model, kvType, null, Tokens.Length);
        foreach (var threads in (int[])[2, 3, 5])
        {
            using var device = new CpuDevice(threads, kernels);
            AssertSameBits(single, await RunAsync(device, model, kvType, null, Tokens.Length), $"{threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_random_batch_gives_each_sequence_the_bits_it_has_alone(KernelKind kernels, string model, KvType kvType)
    {
        using var device = new CpuDevice(threads: 2, kernels);
        await using var forcing = TinyModels.Open(device, model, kvType);
        var random = new Random(11);
        int[][] prompts = [.. Enumerable.Range(0, 4).Select(i => Tokens[(i * 5)..(40 + (i * 11))])];
        var expected = new float[prompts.Length][][];
        for (var i = 0; i < prompts.Length; i++)
        {
            expected[i] = await forcing.ComputeLogitsAsync(prompts[i], prompts[i].Length, Cancellation);
        }

        var done = new int[prompts.Length];
        SequenceOperation[] operations = [.. prompts.Select((prompt, i) => SequenceOperation.Open(100 + i, prompt.Length))];
        while (done.Zip(prompts).Any(pair => pair.First < pair.Second.Length))
        {
            var segments = Segments(prompts, done, random);
            var logits = await forcing.StepAsync(operations, segments, Cancellation);
            operations = [];
            var row = 0;
            foreach (var (sequence, first, tokens) in segments)
            {
                AssertSameBits(expected[sequence - 100][first..(first + tokens.Length)], logits[row..(row + tokens.Length)], $"sequence {sequence} at {first}");
                row += tokens.Length;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Forked_truncated_and_resent_sequences_have_the_bits_of_a_fresh_one(KernelKind kernels, string model, KvType kvType)
    {
        using var device = new CpuDevice(threads: 2, kernels);
        await using var forcing = TinyModels.Open(device, model, kvType);
        var expected = await forcing.ComputeLogitsAsync(Tokens, Tokens.Length, Cancellation);

        // 41 is within a block: the fork and its source both write to what they share.
        await forcing.StepAsync([SequenceOperation.Open(50, 91)], [(50, 0, Tokens.AsMemory(0, 41))], Cancellation);
        var forked = await forcing.StepAsync(
            [SequenceOperation.Fork(51, 50, 41, 91)],
            [(50, 41, new int[] { 9, 9, 9 }), (51, 41, Tokens.AsMemory(41))],
            Cancellation);
        AssertSameBits(expected[41..], forked[3..], "fork");

        var truncated = await forcing.StepAsync([SequenceOperation.Truncate(50, 41)], [(50, 41, Tokens.AsMemory(41, 20))], Cancellation);
        AssertSameBits(expected[41..61], truncated, "truncated");
        var resent = await forcing.StepAsync([], [(50, 45, Tokens.AsMemory(45, 16))], Cancellation);
        AssertSameBits(expected[45..61], resent, "resent");
    }

    private static List<(long Sequence, int First, ReadOnlyMemory<int> Tokens)> Segments(int[][] prompts, int[] done, Random random)
    {
        var segments = new List<(long, int, ReadOnlyMemory<int>)>();
        for (var i = 0; i < prompts.Length; i++)
        {
            var count = Math.Min(random.Next(0, 9), prompts[i].Length - done[i]);
            if (count > 0)
            {
                segments.Add((100 + i, done[i], prompts[i].AsMemory(done[i], count)));
                done[i] += count;
            }
        }

        return segments;
    }

    /// <summary>All ways to cut the layers into contiguous stages.</summary>
    private static IEnumerable<int[]> Splits(int layers)
    {
        yield return [layers];
        for (var first = 1; first < layers; first++)
        {
            foreach (var rest in Splits(layers - first))
            {
                yield return [first, .. rest];
            }
        }
    }

    private static async Task<float[][]> RunAsync(IDevice device, string model, KvType kvType, int[]? split, int chunk)
    {
        await using var forcing = TinyModels.Open(device, model, kvType, split);
        return await forcing.ComputeLogitsAsync(Tokens, chunk, Cancellation);
    }

    private static void AssertSameBits(float[][] expected, float[][] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var same = expected[i].AsSpan().SequenceEqual(found[i]) && !expected[i].Any(float.IsNaN);
            Assert.True(same, $"{what}: logits of token {i} differ");
        }
    }
}
