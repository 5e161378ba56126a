using System.Globalization;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Attention;
using ManagedSwarm.Engine.Kernels.Reference;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Kernels.Attention;

/// <summary>A cache of one layer with an attention on it, fed with made-up tokens.</summary>
internal sealed unsafe class AttentionBed : IDisposable
{
    private readonly ComputeThreads _threads;
    private readonly KvCache _cache;
    private readonly IAttention _attention;
    private int _step;

    public AttentionBed(HeadShape shape, KvType type, int blockLength = 32, int threads = 1, bool isReference = false, int capacity = 4096)
    {
        Shape = shape;
        _threads = new ComputeThreads(threads);
        _cache = new KvCache(shape.Config, 1, new KvCacheOptions { Type = type, BlockLength = blockLength, CapacityTokens = capacity });
        _attention = isReference ? new ReferenceAttention(shape.Config, _cache, _threads) : new TiledAttention(shape.Config, _cache, _threads);
    }

    public HeadShape Shape { get; }

    /// <summary>Does a step: stores the segments' keys and values, and attends.</summary>
    /// <param name="operations">What is done before.</param>
    /// <param name="segments">What each segment's sequence is made of, and its tokens.</param>
    /// <returns>For each segment: (tokens, heads, valueSize).</returns>
    public float[][] Step(SequenceOperation[] operations, params (MadeUpTokens Content, Segment Segment)[] segments)
    {
        using var batch = new StepBatch(++_step, 0, operations, [.. segments.Select(pair => pair.Segment)], hiddenSize: 1);
        _cache.Apply(batch);
        var queries = new float[batch.TokenCount * Shape.QueryWidth];
        var results = new float[batch.TokenCount * Shape.ResultWidth];
        var token = 0;
        foreach (var (content, segment) in segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, token++)
            {
                var position = segment.FirstPosition + i;
                content.Query(position).CopyTo(queries.AsSpan(token * Shape.QueryWidth));
                fixed (float* keys = content.Key(position), values = content.Value(position))
                {
                    _cache.Write(0, segment.Sequence, position, 1, keys, values);
                }
            }
        }

        Array.Fill(results, float.NaN);
        fixed (float* q = queries, r = results)
        {
            _attention.Run(0, batch, q, r);
        }

        token = 0;
        return [.. segments.Select(pair => results[(token * Shape.ResultWidth)..((token += pair.Segment.TokenCount) * Shape.ResultWidth)])];
    }

    /// <summary>A new sequence in one step: (length, heads, valueSize).</summary>
    public float[] Prefill(long sequence, MadeUpTokens content, int length) =>
        Step([SequenceOperation.Open(sequence, length)], (content, new Segment(sequence, 0, length)))[0];

    /// <summary>What the cache holds of a sequence, by KV head: (length, keySize) and (length, valueSize).</summary>
    public (float[] Keys, float[] Values) Read(long sequence, int kvHead, int length)
    {
        var (keys, values) = (new float[length * Shape.KeySize], new float[length * Shape.ValueSize]);
        fixed (float* k = keys, v = values)
        {
            _cache.ReadKeys(0, sequence, kvHead, length, k);
            _cache.ReadValues(0, sequence, kvHead, length, v);
        }

        return (keys, values);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _threads.Dispose();
    }
}

/// <summary>The heads of an attention.</summary>
internal sealed record HeadShape(int Heads, int KvHeads, int KeySize, int ValueSize)
{
    public int QueryWidth => Heads * KeySize;

    public int ResultWidth => Heads * ValueSize;

    public ModelConfig Config => new()
    {
        Architecture = "llama",
        VocabularySize = 2,
        HiddenSize = 1,
        LayerCount = 1,
        HeadCount = Heads,
        KvHeadCount = KvHeads,
        KeyHeadSize = KeySize,
        ValueHeadSize = ValueSize,
        FeedForwardSize = 1,
        ContextLength = 4096,
        RmsEpsilon = 1e-5f,
        Rope = new RopeConfig { DimensionCount = 2 },
    };

    /// <summary>Written as 32/8x64, or 6/2x48:32 where the sizes differ.</summary>
    public static HeadShape Parse(string text)
    {
        int[] numbers = [.. text.Split('/', 'x', ':').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return new HeadShape(numbers[0], numbers[1], numbers[2], numbers[^1]);
    }
}
