using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Attention;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>Attention of one layer with the 1.1 B model's heads: one token behind a context, or a chunk of 512 tokens.</summary>
[MemoryDiagnoser]
public unsafe class AttentionBench : IDisposable
{
    // So that the caches of the CPU do not hold what a model's 16 layers would push out of them.
    private const int Layers = 16;
    private const int Chunk = 512;

    private static readonly ModelConfig Config = new()
    {
        Architecture = "llama",
        VocabularySize = 2,
        HiddenSize = 2048,
        LayerCount = Layers,
        HeadCount = 32,
        KvHeadCount = 8,
        KeyHeadSize = 64,
        ValueHeadSize = 64,
        FeedForwardSize = 8192,
        ContextLength = 1 << 16,
        RmsEpsilon = 1e-5f,
        Rope = new RopeConfig { DimensionCount = 64 },
    };

    private ComputeThreads? _threads;
    private KvCache? _cache;
    private TiledAttention? _attention;
    private StepBatch? _token;
    private StepBatch? _chunk;
    private float* _queries;
    private float* _results;

    [ParamsAllValues]
    public KvType Type { get; set; }

    /// <summary>Tokens that the last one sees, itself included.</summary>
    [Params(512, 4096, 32768)]
    public int Context { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _threads = new ComputeThreads(0);
        _cache = new KvCache(Config, Layers, new KvCacheOptions { Type = Type, CapacityTokens = Context });
        _attention = new TiledAttention(Config, _cache, _threads);
        _queries = Values(Chunk * Config.HeadCount * Config.KeyHeadSize, seed: 1);
        _results = Values(Chunk * Config.HeadCount * Config.ValueHeadSize, seed: 2);
        using var whole = new StepBatch(0, 0, [SequenceOperation.Open(1, Context)], [new Segment(1, 0, Context)], 1);
        _cache.Apply(whole);
        for (var layer = 0; layer < Layers; layer++)
        {
            // The keys and values of a chunk, again and again.
            for (var position = 0; position < Context; position += Chunk)
            {
                _cache.Write(layer, 1, position, Chunk, _queries, _results);
            }
        }

        _token = new StepBatch(1, 0, [], [new Segment(1, Context - 1, 1)], 1);
        _chunk = new StepBatch(1, 0, [], [new Segment(1, Context - Chunk, Chunk)], 1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _token?.Dispose();
        _chunk?.Dispose();
        _cache?.Dispose();
        _threads?.Dispose();
        NativeMemory.AlignedFree(_queries);
        NativeMemory.AlignedFree(_results);
    }

    [Benchmark(OperationsPerInvoke = Layers)]
    public void OneToken() => Run(_token!);

    [Benchmark(OperationsPerInvoke = Layers)]
    public void ChunkOf512() => Run(_chunk!);

    private static float* Values(int count, int seed)
    {
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 4) - 2);
        }

        return values;
    }

    private void Run(StepBatch batch)
    {
        for (var layer = 0; layer < Layers; layer++)
        {
            _attention!.Run(layer, batch, _queries, _results);
        }
    }
}
