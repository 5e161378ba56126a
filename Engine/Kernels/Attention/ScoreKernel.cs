using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Model.KvFormats;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// Scores of queries against a tile of keys. Each score is one chain of fused multiply-adds over ascending dimensions, whichever kernel
/// computes it.
/// </summary>
internal static unsafe class ScoreKernel
{
    private const int Lanes = VectorMath.Lanes;
    private const int Stride = AttentionShape.ScoreStride;

    /// <summary>Four queries against a tile.</summary>
    /// <param name="queries">(size, 4)</param>
    /// <param name="keys">(size, TileLength)</param>
    /// <param name="size">The head's size.</param>
    /// <param name="scores">(4, TileLength), rows ScoreStride apart</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(float* queries, float* keys, int size, float* scores)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default;
        for (var end = keys + ((long)size * KvFormat.TileLength); keys < end; keys += KvFormat.TileLength, queries += AttentionShape.RowGroup)
        {
            var a = Vector512.Load(keys);
            var b = Vector512.Load(keys + Lanes);
            var q = Vector512.Create(queries[0]);
            a0 = Vector512.FusedMultiplyAdd(q, a, a0);
            b0 = Vector512.FusedMultiplyAdd(q, b, b0);
            q = Vector512.Create(queries[1]);
            a1 = Vector512.FusedMultiplyAdd(q, a, a1);
            b1 = Vector512.FusedMultiplyAdd(q, b, b1);
            q = Vector512.Create(queries[2]);
            a2 = Vector512.FusedMultiplyAdd(q, a, a2);
            b2 = Vector512.FusedMultiplyAdd(q, b, b2);
            q = Vector512.Create(queries[3]);
            a3 = Vector512.FusedMultiplyAdd(q, a, a3);
            b3 = Vector512.FusedMultiplyAdd(q, b, b3);
        }

        Store(a0, b0, scores);
        Store(a1, b1, scores + Stride);
        Store(a2, b2, scores + (2 * Stride));
        Store(a3, b3, scores + (3 * Stride));
    }

    /// <summary>The first of four queries against a tile.</summary>
    /// <param name="queries">(size, 4)</param>
    /// <param name="keys">(size, TileLength)</param>
    /// <param name="size">The head's size.</param>
    /// <param name="scores">(TileLength)</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* queries, float* keys, int size, float* scores)
    {
        Vector512<float> a0 = default, b0 = default;
        for (var end = keys + ((long)size * KvFormat.TileLength); keys < end; keys += KvFormat.TileLength, queries += AttentionShape.RowGroup)
        {
            var q = Vector512.Create(queries[0]);
            a0 = Vector512.FusedMultiplyAdd(q, Vector512.Load(keys), a0);
            b0 = Vector512.FusedMultiplyAdd(q, Vector512.Load(keys + Lanes), b0);
        }

        Store(a0, b0, scores);
    }

    private static void Store(Vector512<float> lower, Vector512<float> upper, float* scores)
    {
        lower.Store(scores);
        upper.Store(scores + Lanes);
    }
}
