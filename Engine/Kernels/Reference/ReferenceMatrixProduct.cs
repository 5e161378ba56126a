using System.Buffers;

namespace ManagedSwarm.Engine.Kernels.Reference;

/// <summary>Matrix products in f32 on rows that are dequantized as they are needed. Each result is one chain, so batch and threads never change it.</summary>
internal static unsafe class ReferenceMatrixProduct
{
    // Below this many multiply-adds, waking other threads costs more than it saves.
    private const long SmallWork = 1 << 16;

    /// <summary>results = inputs × matrixᵀ + bias.</summary>
    /// <param name="threads">Who computes.</param>
    /// <param name="matrix">(rows, columns)</param>
    /// <param name="inputs">(count, columns)</param>
    /// <param name="results">(count, rows)</param>
    /// <param name="count">Tokens.</param>
    public static void Multiply(ComputeThreads threads, WeightMatrix matrix, float* inputs, float* results, int count)
    {
        var size = (long)matrix.Rows * matrix.Columns * count;
        var parts = size < SmallWork ? 1 : Math.Min(threads.Count * 4, matrix.Rows);
        var work = new Work(matrix, inputs, results, count, parts);
        threads.Run(parts, ref work);
    }

    private readonly struct Work(WeightMatrix matrix, float* inputs, float* results, int count, int parts) : IParallelWork
    {
        public void Run(int part)
        {
            var first = (int)((long)matrix.Rows * part / parts);
            var end = (int)((long)matrix.Rows * (part + 1) / parts);
            var scratch = ArrayPool<float>.Shared.Rent(matrix.Columns);
            fixed (float* row = scratch)
            {
                for (var r = first; r < end; r++)
                {
                    matrix.ReadRow(r, scratch);
                    MultiplyRow(row, r);
                }
            }

            ArrayPool<float>.Shared.Return(scratch);
        }

        private void MultiplyRow(float* row, int r)
        {
            var bias = matrix.Bias.Length == 0 ? 0f : matrix.Bias[r];
            for (var t = 0L; t < count; t++)
            {
                results[(t * matrix.Rows) + r] = VectorMath.Dot(row, inputs + (t * matrix.Columns), matrix.Columns) + bias;
            }
        }
    }
}
