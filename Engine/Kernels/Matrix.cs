namespace ManagedSwarm.Engine.Kernels;

/// <summary>A matrix of weights as a kernel set keeps it: (Rows, Columns).</summary>
internal abstract class Matrix(int rows, int columns, float[] bias) : IDisposable
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>Added to each result: (Rows), or empty.</summary>
    public float[] Bias { get; } = bias;

    public virtual void Dispose()
    {
    }
}
