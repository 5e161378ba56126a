using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>Attention of one layer with 32 query heads on 8 of keys and values, of 64 floats:
/// one token, or a chunk of a prompt, behind a context.</summary>
[MemoryDiagnoser]
public unsafe class AttentionBench : IDisposable
{
    private const int Chunk = 512;

    private static readonly ModelConfig Config = new()
    {
        Architecture = "llama",
        VocabularySize = 1,
        HiddenSize = 2048,
        LayerCount = 1,
        HeadCount = 32,
        KvHeadCount = 8,
        KeyHeadSize = 64,
        ValueHeadSize = 64,
        FeedForwardSize = 1,
        ContextLength = 8192,
        RmsEpsilon = 1e-5f,
        Rope = null!,
    };

    private readonly Random _random = new(1);
    private ComputeThreads _threads = null!;
    private KvCache _cache = null!;
    private IAttention _attention = null!;
    private StepBatch _batch = null!;
    private float* _queries;
    private float* _results;

    [Params(KernelKind.Reference, KernelKind.Fast)]
    public KernelKind Kernels { get; set; }

    [Params(128, 4096)]
    public int Context { get; set; }

    [Params(1, Chunk)]
    public int Tokens { get; set; }

    [Params(KvType.F16)]
    public KvType KvType { get; set; }

    [GlobalSetup]
    public void FillCache()
    {
        _threads = new ComputeThreads(1);
        _cache = new KvCache(Config, 1, new KvCacheOptions { Type = KvType, CapacityTokens = Context + Chunk });
        _attention = KernelSet.Create(Kernels, _threads).CreateAttention(Config, _cache);
        var length = Context + Tokens;
        using (var whole = new StepBatch(1, epoch: 0, [SequenceOperation.Open(1, length)], [new Segment(1, 0, length)], 1))
        {
            _cache.Apply(whole);
        }

        _queries = RandomFloats(Tokens * Config.HeadCount * Config.KeyHeadSize);
        _results = RandomFloats(Tokens * Config.HeadCount * Config.ValueHeadSize);
        for (var position = 0; position < length; position++)
        {
            var token = RandomFloats(Config.KvHeadCount * Config.KeyHeadSize);
            _cache.Write(0, 1, position, 1, token, token);
            NativeMemory.AlignedFree(token);
        }

        _batch = new StepBatch(2, epoch: 0, [], [new Segment(1, Context, Tokens)], 1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _batch.Dispose();
        _cache.Dispose();
        _threads.Dispose();
        NativeMemory.AlignedFree(_queries);
        NativeMemory.AlignedFree(_results);
    }

    [Benchmark]
    public void Attend() => _attention.Run(0, _batch, _queries, _results);

    private float* RandomFloats(int count)
    {
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        for (var i = 0; i < count; i++)
        {
            values[i] = (_random.NextSingle() * 2) - 1;
        }

        return values;
    }
}
