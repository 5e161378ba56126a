using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>The fast kernels' product of a matrix and some tokens, activations quantised too: a matvec, the tiles of small batches, a prompt.</summary>
[MemoryDiagnoser]
public unsafe class PackedBench : IDisposable
{
    private const int Rows = 2048;
    private const int Columns = 2048;
    private const int MaxTokens = 512;

    private readonly float[] _inputs = GC.AllocateArray<float>(MaxTokens * Columns, pinned: true);
    private readonly float[] _results = GC.AllocateArray<float>(MaxTokens * Rows, pinned: true);
    private string _path = "";
    private GgufFile? _file;
    private ComputeThreads? _threads;
    private FastKernels? _kernels;
    private Matrix? _matrix;

    [ParamsAllValues]
    public TensorType Type { get; set; }

    [Params(1, 2, 4, 8, MaxTokens)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Pack()
    {
        _path = Path.GetTempFileName();
        var random = new Random(1);
        var writer = new GgufWriter();
        writer.AddBlocks("weights", Type, [Columns, Rows], (_, destination) => FillBlocks(random, destination.Span));
        writer.Save(_path);
        _file = GgufFile.Open(_path);
        _threads = new ComputeThreads(0);
        _kernels = new FastKernels(_threads);
        _matrix = _kernels.Prepare(WeightMatrix.Of(_file, _file.Tensors[0], []), LoadMonitor.Silent);
        for (var i = 0; i < _inputs.Length; i++)
        {
            _inputs[i] = (float)(random.NextDouble() - 0.5);
        }
    }

    [Benchmark]
    public void Multiply()
    {
        fixed (float* inputs = _inputs, results = _results)
        {
            _kernels!.Multiply(inputs, Tokens, [new Product(_matrix!, results)]);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _matrix?.Dispose();
        _kernels?.Dispose();
        _threads?.Dispose();
        _file?.Dispose();
        File.Delete(_path);
    }

    /// <summary>Random bits, but for some that must be clear so that every number among them is finite and small, of whatever type it is.</summary>
    private static void FillBlocks(Random random, Span<byte> blocks)
    {
        random.NextBytes(blocks);
        foreach (ref var value in blocks)
        {
            value &= 0x3B;
        }
    }
}
