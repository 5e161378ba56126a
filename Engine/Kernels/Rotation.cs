using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Applies rotary position embedding to heads. Each result is two products and their sum, rounded each, whatever computes it.</summary>
internal static unsafe class Rotation
{
    /// <summary>Rotates each head in place; dimensions beyond the rotated pairs stay.</summary>
    /// <param name="heads">(headCount, headSize)</param>
    /// <param name="headCount">Heads one after the other.</param>
    /// <param name="headSize">Floats per head.</param>
    /// <param name="kind">Which dimensions are a pair.</param>
    /// <param name="cosines">(pairs)</param>
    /// <param name="sines">(pairs)</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* heads, int headCount, int headSize, RopeKind kind, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines)
    {
        var pairs = cosines.Length;
        fixed (float* c = cosines, s = sines)
        {
            var done = kind == RopeKind.Normal
                ? RotateNeighbours(heads, headCount, headSize, c, s, pairs)
                : RotateHalves(heads, headCount, headSize, c, s, pairs);
            var (stride, partner) = kind == RopeKind.Normal ? (2, 1) : (1, pairs);
            for (var head = 0; head < headCount && done < pairs; head++)
            {
                RotateOneByOne(heads + ((long)head * headSize), stride, partner, c, s, done, pairs);
            }
        }
    }

    /// <summary>Pairs (i, i + pairs), eight at once.</summary>
    /// <returns>The pairs that are done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int RotateHalves(float* heads, int headCount, int headSize, float* cosines, float* sines, int pairs)
    {
        var pair = 0;
        for (; pair <= pairs - Vector256<float>.Count; pair += Vector256<float>.Count)
        {
            var cosine = Vector256.Load(cosines + pair);
            var sine = Vector256.Load(sines + pair);
            var a = heads + pair;
            for (var head = 0; head < headCount; head++, a += headSize)
            {
                var x = Vector256.Load(a);
                var y = Vector256.Load(a + pairs);
                ((x * cosine) - (y * sine)).Store(a);
                ((x * sine) + (y * cosine)).Store(a + pairs);
            }
        }

        return pair;
    }

    /// <summary>Pairs (2i, 2i + 1), four at once: (x, y) * (cos, cos) + (y, x) * (-sin, sin).</summary>
    /// <returns>The pairs that are done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int RotateNeighbours(float* heads, int headCount, int headSize, float* cosines, float* sines, int pairs)
    {
        var signs = Vector256.Create(-0f, 0f, -0f, 0f, -0f, 0f, -0f, 0f);
        var pair = 0;
        for (; pair <= pairs - Vector128<float>.Count; pair += Vector128<float>.Count)
        {
            var cosine = Twice(Vector128.Load(cosines + pair));
            var sine = Twice(Vector128.Load(sines + pair)) ^ signs;
            var a = heads + (2 * pair);
            for (var head = 0; head < headCount; head++, a += headSize)
            {
                var xy = Vector256.Load(a);
                var yx = Vector256.Shuffle(xy, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
                ((xy * cosine) + (yx * sine)).Store(a);
            }
        }

        return pair;
    }

    /// <summary>(a, b, c, d) as (a, a, b, b, c, c, d, d).</summary>
    private static Vector256<float> Twice(Vector128<float> values) => Vector256.Create(
        Vector128.Shuffle(values, Vector128.Create(0, 0, 1, 1)), Vector128.Shuffle(values, Vector128.Create(2, 2, 3, 3)));

    private static void RotateOneByOne(float* head, int stride, int partner, float* cosines, float* sines, int pair, int pairs)
    {
        for (; pair < pairs; pair++)
        {
            var a = head + (pair * stride);
            var b = a + partner;
            var (x, y) = (*a, *b);
            *a = (x * cosines[pair]) - (y * sines[pair]);
            *b = (x * sines[pair]) + (y * cosines[pair]);
        }
    }
}
