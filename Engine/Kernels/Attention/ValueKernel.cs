using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// Adds weighted values to accumulators. Each sum is one chain of fused multiply-adds over ascending positions, whichever kernel
/// computes it.
/// </summary>
internal static unsafe class ValueKernel
{
    private const int Lanes = VectorMath.Lanes;
    private const int Stride = AttentionShape.ScoreStride;

    /// <summary>Four rows of weights.</summary>
    /// <param name="weights">(4, count), rows ScoreStride apart</param>
    /// <param name="values">(count, size)</param>
    /// <param name="count">Positions.</param>
    /// <param name="size">Floats per value, a multiple of 16.</param>
    /// <param name="sums">(4, size)</param>
    /// <param name="sumStride">Floats between two rows of sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(float* weights, float* values, int count, int size, float* sums, int sumStride)
    {
        var d = 0;
        for (; Vector512.IsHardwareAccelerated && d <= size - (4 * Lanes); d += 4 * Lanes)
        {
            FourByFour(weights, values + d, count, size, sums + d, sumStride);
        }

        for (; d < size; d += Lanes)
        {
            FourByOne(weights, values + d, count, size, sums + d, sumStride);
        }
    }

    /// <summary>One row of weights: (count), (count, size), (size).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* weights, float* values, int count, int size, float* sums)
    {
        var d = 0;
        for (; d <= size - (4 * Lanes); d += 4 * Lanes)
        {
            OneByFour(weights, values + d, count, size, sums + d);
        }

        for (; d < size; d += Lanes)
        {
            OneByOne(weights, values + d, count, size, sums + d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(float* weights, float* values, int count, int size, float* sums, int sumStride)
    {
        var row1 = sums + sumStride;
        var row2 = row1 + sumStride;
        var row3 = row2 + sumStride;
        Vector512<float> a0 = At(sums, 0), a1 = At(sums, 1), a2 = At(sums, 2), a3 = At(sums, 3);
        Vector512<float> b0 = At(row1, 0), b1 = At(row1, 1), b2 = At(row1, 2), b3 = At(row1, 3);
        Vector512<float> c0 = At(row2, 0), c1 = At(row2, 1), c2 = At(row2, 2), c3 = At(row2, 3);
        Vector512<float> d0 = At(row3, 0), d1 = At(row3, 1), d2 = At(row3, 2), d3 = At(row3, 3);
        for (var i = 0; i < count; i++, weights++, values += size)
        {
            Vector512<float> v0 = At(values, 0), v1 = At(values, 1), v2 = At(values, 2), v3 = At(values, 3);
            var w = Vector512.Create(weights[0]);
            a0 = Vector512.FusedMultiplyAdd(w, v0, a0);
            a1 = Vector512.FusedMultiplyAdd(w, v1, a1);
            a2 = Vector512.FusedMultiplyAdd(w, v2, a2);
            a3 = Vector512.FusedMultiplyAdd(w, v3, a3);
            w = Vector512.Create(weights[Stride]);
            b0 = Vector512.FusedMultiplyAdd(w, v0, b0);
            b1 = Vector512.FusedMultiplyAdd(w, v1, b1);
            b2 = Vector512.FusedMultiplyAdd(w, v2, b2);
            b3 = Vector512.FusedMultiplyAdd(w, v3, b3);
            w = Vector512.Create(weights[2 * Stride]);
            c0 = Vector512.FusedMultiplyAdd(w, v0, c0);
            c1 = Vector512.FusedMultiplyAdd(w, v1, c1);
            c2 = Vector512.FusedMultiplyAdd(w, v2, c2);
            c3 = Vector512.FusedMultiplyAdd(w, v3, c3);
            w = Vector512.Create(weights[3 * Stride]);
            d0 = Vector512.FusedMultiplyAdd(w, v0, d0);
            d1 = Vector512.FusedMultiplyAdd(w, v1, d1);
            d2 = Vector512.FusedMultiplyAdd(w, v2, d2);
            d3 = Vector512.FusedMultiplyAdd(w, v3, d3);
        }

        Store(a0, a1, a2, a3, sums);
        Store(b0, b1, b2, b3, row1);
        Store(c0, c1, c2, c3, row2);
        Store(d0, d1, d2, d3, row3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByOne(float* weights, float* values, int count, int size, float* sums, int sumStride)
    {
        var row2 = sums + (2 * sumStride);
        Vector512<float> a = At(sums, 0), b = Vector512.Load(sums + sumStride), c = At(row2, 0), d = Vector512.Load(row2 + sumStride);
        for (var i = 0; i < count; i++, weights++, values += size)
        {
            var v = Vector512.Load(values);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(weights[0]), v, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(weights[Stride]), v, b);
            c = Vector512.FusedMultiplyAdd(Vector512.Create(weights[2 * Stride]), v, c);
            d = Vector512.FusedMultiplyAdd(Vector512.Create(weights[3 * Stride]), v, d);
        }

        a.Store(sums);
        b.Store(sums + sumStride);
        c.Store(row2);
        d.Store(row2 + sumStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByFour(float* weights, float* values, int count, int size, float* sums)
    {
        Vector512<float> a0 = At(sums, 0), a1 = At(sums, 1), a2 = At(sums, 2), a3 = At(sums, 3);
        for (var i = 0; i < count; i++, values += size)
        {
            var w = Vector512.Create(weights[i]);
            a0 = Vector512.FusedMultiplyAdd(w, At(values, 0), a0);
            a1 = Vector512.FusedMultiplyAdd(w, At(values, 1), a1);
            a2 = Vector512.FusedMultiplyAdd(w, At(values, 2), a2);
            a3 = Vector512.FusedMultiplyAdd(w, At(values, 3), a3);
        }

        Store(a0, a1, a2, a3, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByOne(float* weights, float* values, int count, int size, float* sums)
    {
        var a = Vector512.Load(sums);
        for (var i = 0; i < count; i++, values += size)
        {
            a = Vector512.FusedMultiplyAdd(Vector512.Create(weights[i]), Vector512.Load(values), a);
        }

        a.Store(sums);
    }

    private static Vector512<float> At(float* row, int index) => Vector512.Load(row + (index * Lanes));

    private static void Store(Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3, float* row)
    {
        v0.Store(row);
        v1.Store(row + Lanes);
        v2.Store(row + (2 * Lanes));
        v3.Store(row + (3 * Lanes));
    }
}
