using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Applies rotary position embedding to heads.</summary>
internal static unsafe class Rotation
{
    /// <summary>Rotates each head in place; dimensions beyond the rotated pairs stay.</summary>
    /// <param name="heads">(headCount, headSize)</param>
    /// <param name="headCount">Heads one after the other.</param>
    /// <param name="headSize">Floats per head.</param>
    /// <param name="kind">Which dimensions are a pair.</param>
    /// <param name="cosines">(pairs)</param>
    /// <param name="sines">(pairs)</param>
    public static void Apply(float* heads, int headCount, int headSize, RopeKind kind, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines)
    {
        var pairs = cosines.Length;
        var (stride, partner) = kind == RopeKind.Normal ? (2, 1) : (1, pairs);
        for (var head = 0; head < headCount; head++)
        {
            var first = heads + (head * headSize);
            for (var pair = 0; pair < pairs; pair++)
            {
                var a = first + (pair * stride);
                var b = a + partner;
                var (x, y) = (*a, *b);
                *a = (x * cosines[pair]) - (y * sines[pair]);
                *b = (x * sines[pair]) + (y * cosines[pair]);
            }
        }
    }
}
