using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>
/// A matrix times some activations, these quantised first: one is decode's dot products, few are a batch's, many a prompt's GEMM.
/// A matrix of 4 million weights stays in the cache: what the memory allows is the <c>speed</c> command's to say.
/// </summary>
[MemoryDiagnoser]
public unsafe class ProductBench : IDisposable
{
    private const int Rows = 2048;
    private const int Columns = 2048;

    private ComputeThreads _threads = null!;
    private KernelSet _kernels = null!;
    private BenchTensor _tensor = null!;
    private Matrix _matrix = null!;
    private float* _inputs;
    private float* _results;

    [Params(TensorType.Q4_0, TensorType.Q8_0, TensorType.Q4_K, TensorType.Q6_K)]
    public TensorType Type { get; set; }

    [Params(KernelKind.Reference, KernelKind.Fast)]
    public KernelKind Kernels { get; set; }

    [Params(1, 4, 8, 512)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _threads = new ComputeThreads(1);
        _kernels = KernelSet.Create(Kernels, _threads);
        _tensor = new BenchTensor(Type, Rows, Columns);
        _matrix = _kernels.Prepare(_tensor.Matrix, LoadMonitor.Silent);
        _inputs = (float*)NativeMemory.AlignedAlloc((nuint)Tokens * Columns * sizeof(float), 64);
        _results = (float*)NativeMemory.AlignedAlloc((nuint)Tokens * Rows * sizeof(float), 64);
        var random = new Random(1);
        for (var i = 0; i < Tokens * Columns; i++)
        {
            _inputs[i] = (random.NextSingle() * 2) - 1;
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _matrix.Dispose();
        _tensor.Dispose();
        _kernels.Dispose();
        _threads.Dispose();
        NativeMemory.AlignedFree(_inputs);
        NativeMemory.AlignedFree(_results);
    }

    [Benchmark]
    public void Multiply() => _kernels.Multiply(_inputs, Tokens, [new(_matrix, _results)]);
}
