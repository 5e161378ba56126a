using System.Diagnostics;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>How fast a matrix is multiplied by the kernel of one instruction set, quantising the activations included.</summary>
internal sealed unsafe class ProductSpeed : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(300);

    private readonly FastKernels _kernels;
    private readonly PackedMatrix _matrix;
    private readonly float* _inputs;
    private readonly float* _results;
    private readonly int _tokens;

    /// <param name="source">The matrix.</param>
    /// <param name="kernel">The instruction set's.</param>
    /// <param name="tokens">Rows of activations.</param>
    /// <param name="kernels">Who multiplies.</param>
    /// <param name="threads">Theirs.</param>
    public ProductSpeed(WeightMatrix source, PackedKernel kernel, int tokens, FastKernels kernels, ComputeThreads threads)
    {
        (_kernels, _tokens) = (kernels, tokens);
        _matrix = new PackedMatrix(source, kernel, threads, LoadMonitor.Silent);
        _inputs = (float*)NativeMemory.AlignedAlloc((nuint)tokens * (nuint)source.Columns * sizeof(float), 64);
        _results = (float*)NativeMemory.AlignedAlloc((nuint)tokens * (nuint)source.Rows * sizeof(float), 64);
        var random = new Random(1);
        for (var i = 0; i < tokens * source.Columns; i++)
        {
            _inputs[i] = (random.NextSingle() * 2) - 1;
        }

        _ = Measure();
    }

    /// <summary>Multiplies for a while.</summary>
    /// <returns>GOP/s; a multiplication with its addition counts as two.</returns>
    public double Measure()
    {
        var watch = Stopwatch.StartNew();
        var products = 0;
        for (; watch.Elapsed < Slice; products++)
        {
            _kernels.Multiply(_inputs, _tokens, [new(_matrix, _results)]);
        }

        return 2.0 * _tokens * _matrix.Rows * _matrix.Columns * products / watch.Elapsed.TotalSeconds / 1e9;
    }

    public void Dispose()
    {
        _matrix.Dispose();
        NativeMemory.AlignedFree(_inputs);
        NativeMemory.AlignedFree(_results);
    }
}
