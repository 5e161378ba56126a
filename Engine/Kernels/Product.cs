namespace ManagedSwarm.Engine.Kernels;

/// <summary>One of the products that are made of the same inputs: results = inputs × matrixᵀ + bias.</summary>
/// <param name="matrix">(rows, columns)</param>
/// <param name="results">(tokens, rows)</param>
internal readonly unsafe struct Product(Matrix matrix, float* results)
{
    public Matrix Matrix { get; } = matrix;

    public float* Results { get; } = results;
}
