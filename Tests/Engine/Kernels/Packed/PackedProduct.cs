using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Kernels.Reference;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>Products of a matrix with some tokens.</summary>
internal static unsafe class PackedProduct
{
    /// <summary>By a packed kernel, all tokens in one batch: (tokens)(rows).</summary>
    public static float[][] Compute(WeightMatrix source, PackedKernel kernel, float[][] inputs, int threads = 1)
    {
        using var team = new ComputeThreads(threads);
        using var matrix = new PackedMatrix(source, kernel, team, LoadMonitor.Silent);
        return Run(new FastKernels(team), matrix, inputs);
    }

    /// <summary>By the reference kernels.</summary>
    public static float[][] ComputeReference(WeightMatrix source, float[][] inputs)
    {
        using var team = new ComputeThreads(1);
        return Run(new ReferenceKernels(team), source, inputs);
    }

    /// <summary>By any kernels, with a matrix that is theirs.</summary>
    public static float[][] Run(KernelSet kernels, Matrix matrix, float[][] inputs)
    {
        var flat = inputs.SelectMany(input => input).ToArray();
        var results = new float[inputs.Length * matrix.Rows];
        fixed (float* x = flat, y = results)
        {
            kernels.Multiply(x, inputs.Length, [new Product(matrix, y)]);
        }

        return [.. results.Chunk(matrix.Rows)];
    }

    /// <summary>Tokens of normally spread activations with some outliers, as models have them.</summary>
    public static float[][] RandomInputs(int count, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, columns).Select(_ => Activation(random)).ToArray())];
    }

    private static float Activation(Random random)
    {
        var normal = Enumerable.Range(0, 4).Sum(_ => random.NextDouble() - 0.5);
        return (float)(random.Next(100) == 0 ? 8 * normal : normal);
    }
}
