using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Bench.Decode;

/// <summary>
/// One token through embedding, stage and head of a small model, the same step again and again. What it allocates is the budget of the
/// stage path: nothing.
/// </summary>
[MemoryDiagnoser]
public class DecodeStepBench : IDisposable
{
    private const int Context = 128;
    private static readonly Segment[] Segments = [new(1, Context, 1)];

    private static readonly ModelShape Small = ModelPresets.Bench with
    {
        LayerCount = 4,
        HiddenSize = 512,
        HeadCount = 8,
        KvHeadCount = 2,
        FeedForwardSize = 2048,
    };

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"decode-{Guid.NewGuid():N}.gguf");
    private GgufFile _file = null!;
    private CpuDevice _device = null!;
    private IHead _head = null!;
    private IStage _stage = null!;
    private StepBatch _batch = null!;
    private float[] _logits = [];
    private long _step;

    [Params(TensorType.Q4_0, TensorType.Q8_0, TensorType.Q4_K)]
    public TensorType Type { get; set; }

    [Params(KernelKind.Reference, KernelKind.Fast)]
    public KernelKind Kernels { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Load()
    {
        ModelGenerator.Write(_path, Small with { Type = Type });
        _file = GgufFile.Open(_path);
        var weights = new ModelWeights(_file);
        _device = new CpuDevice(Threads, Kernels);
        _head = _device.CreateHead(weights);
        _stage = _device.CreateStage(weights, new LayerRange(0, weights.Config.LayerCount), new KvCacheOptions { CapacityTokens = 2 * Context });
        _logits = new float[weights.Config.VocabularySize];
        _batch = new StepBatch(++_step, epoch: 0, [SequenceOperation.Open(1, Context + 1)], [new Segment(1, 0, Context)], weights.Config.HiddenSize);
        _head.Embed(new int[Context], _batch.Hidden.Span);
        _batch = Run(_batch);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _batch.Dispose();
        _stage.DisposeAsync().AsTask().Wait();
        _head.Dispose();
        _device.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    /// <summary>The stage drops what is behind the segment's first position, so the step can be repeated.</summary>
    [Benchmark]
    public float Decode()
    {
        _batch.Reset(++_step, epoch: 0, [], Segments);
        _head.Embed([42], _batch.Hidden.Span);
        _batch = Run(_batch);
        _head.ComputeLogits(_batch.Hidden.Span, _logits);
        return _logits[0];
    }

    private StepBatch Run(StepBatch batch)
    {
        // A local stage is done when it returns; a task for it would be counted as garbage of the step.
        var step = _stage.StepAsync(batch, CancellationToken.None);
        return step.IsCompletedSuccessfully ? step.Result : step.AsTask().Result;
    }
}
