using System.Buffers;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Matrix products in f32 on rows that are dequantized as they are needed: slow, simple, the judge of the fast kernels.</summary>
internal static unsafe class ReferenceMatrixProduct
{
    // Below this many multiply-adds, waking other threads costs more than it saves.
    private const long SmallWork = 1 << 16;

    /// <summary>results = inputs × matrixᵀ + bias. Each result is one chain, so batch and threads never change it.</summary>
    /// <param name="threads">Who computes.</param>
    /// <param name="matrix">(rows, columns)</param>
    /// <param name="inputs">(count, columns)</param>
    /// <param name="results">(count, rows)</param>
    /// <param name="count">Tokens.</param>
    public static void Multiply(ComputeThreads threads, WeightMatrix matrix, float* inputs, float* results, int count)
    {
        var work = (long)matrix.Rows * matrix.Columns * count;
        var parts = work < SmallWork ? 1 : Math.Min(threads.Count * 4, matrix.Rows);
        var (i, o) = ((nint)inputs, (nint)results);
        threads.Run(parts, part =>
        {
            var first = (int)((long)matrix.Rows * part / parts);
            var end = (int)((long)matrix.Rows * (part + 1) / parts);
            MultiplyRows(matrix, first, end, (float*)i, (float*)o, count);
        });
    }

    private static void MultiplyRows(WeightMatrix matrix, int firstRow, int endRow, float* inputs, float* results, int count)
    {
        var scratch = ArrayPool<float>.Shared.Rent(matrix.Columns);
        fixed (float* row = scratch)
        {
            for (var r = firstRow; r < endRow; r++)
            {
                matrix.ReadRow(r, scratch);
                var bias = matrix.Bias.Length == 0 ? 0f : matrix.Bias[r];
                for (var t = 0; t < count; t++)
                {
                    results[((long)t * matrix.Rows) + r] = VectorMath.Dot(row, inputs + ((long)t * matrix.Columns), matrix.Columns) + bias;
                }
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }
}
