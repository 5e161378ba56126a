using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>
/// Float kernels with a fixed order of operations: 16 virtual lanes whatever the CPU has (Vector512 falls back to narrower vectors
/// with the same results), explicit fused multiply-adds, our own exp. So results are the same on AVX-512, AVX2 and ARM.
/// </summary>
internal static unsafe class VectorMath
{
    /// <summary>Virtual lanes of every reduction.</summary>
    public const int Lanes = 16;

    /// <summary>The dot product of two float rows: four accumulators of 16 lanes, then the tail, then one fixed tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int length)
    {
        var sum0 = Vector512<float>.Zero;
        var sum1 = Vector512<float>.Zero;
        var sum2 = Vector512<float>.Zero;
        var sum3 = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - (4 * Lanes); i += 4 * Lanes)
        {
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + Lanes), Vector512.Load(b + i + Lanes), sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + (2 * Lanes)), Vector512.Load(b + i + (2 * Lanes)), sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + (3 * Lanes)), Vector512.Load(b + i + (3 * Lanes)), sum3);
        }

        for (; i <= length - Lanes; i += Lanes)
        {
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum0);
        }

        var total = ReduceAdd((sum0 + sum1) + (sum2 + sum3));
        for (; i < length; i++)
        {
            total = MathF.FusedMultiplyAdd(a[i], b[i], total);
        }

        return total;
    }

    /// <summary>destination += scale * source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* destination, float* source, float scale, int length)
    {
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector512.FusedMultiplyAdd(Vector512.Load(source + i), factor, Vector512.Load(destination + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] = MathF.FusedMultiplyAdd(source[i], scale, destination[i]);
        }
    }

    /// <summary>values *= scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* values, float scale, int length)
    {
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            (Vector512.Load(values + i) * factor).Store(values + i);
        }

        for (; i < length; i++)
        {
            values[i] *= scale;
        }
    }

    /// <summary>values += other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* values, float* other, int length)
    {
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            (Vector512.Load(values + i) + Vector512.Load(other + i)).Store(values + i);
        }

        for (; i < length; i++)
        {
            values[i] += other[i];
        }
    }

    /// <summary>RMSNorm (arXiv 1910.07467): destination = source / rms(source) * weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm(float* destination, float* source, float* weight, int length, float epsilon)
    {
        var scale = 1f / MathF.Sqrt((Dot(source, source, length) / length) + epsilon);
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            (Vector512.Load(source + i) * factor * Vector512.Load(weight + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] = source[i] * scale * weight[i];
        }
    }

    /// <summary>In place: values become exp(v - max) / sum.</summary>
    public static void Softmax(float* values, int length)
    {
        var max = Max(values, length);
        var sum = ExpAndSum(values, length, max);
        Scale(values, 1f / sum, length);
    }

    /// <summary>SwiGLU (arXiv 2002.05202): gate = silu(gate) * up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGlu(float* gate, float* up, int length)
    {
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            (Silu(Vector512.Load(gate + i)) * Vector512.Load(up + i)).Store(gate + i);
        }

        if (i < length)
        {
            // The tail goes through the same vector code, so that a value never depends on where it stands.
            var tail = stackalloc float[2 * Lanes];
            Unsafe.CopyBlockUnaligned(tail, gate + i, (uint)(length - i) * sizeof(float));
            Unsafe.CopyBlockUnaligned(tail + Lanes, up + i, (uint)(length - i) * sizeof(float));
            (Silu(Vector512.Load(tail)) * Vector512.Load(tail + Lanes)).Store(tail);
            Unsafe.CopyBlockUnaligned(gate + i, tail, (uint)(length - i) * sizeof(float));
        }
    }

    /// <summary>e^x; below -87.3 it is 0, above 88.3 infinity. Largest relative error 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // x = n ln2 + r with |r| <= ln2 / 2; e^r by its Taylor series to the 7th power; ln2 in two parts keeps r exact.
        var clamped = Vector512.Min(Vector512.Max(x, Vector512.Create(-87.3f)), Vector512.Create(88.3f));
        var n = Vector512.Round(clamped * Vector512.Create(1.44269504f));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), clamped);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1f / 5040);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        var exponent = Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23);
        var result = p * exponent.AsSingle();
        result = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87.3f)), Vector512<float>.Zero, result);
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(88.3f)), Vector512.Create(float.PositiveInfinity), result);
        // NaN in, NaN out.
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), result, x);
    }

    /// <summary>The sum of 16 lanes by one fixed tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReduceAdd(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    private static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Max(float* values, int length)
    {
        var max = float.NegativeInfinity;
        for (var i = 0; i < length; i++)
        {
            max = MathF.Max(max, values[i]);
        }

        return max;
    }

    /// <summary>In place: values become exp(v - max); lane i of the sum takes elements i, i + 16, …</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExpAndSum(float* values, int length, float max)
    {
        var shift = Vector512.Create(max);
        var sum = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            var e = Exp(Vector512.Load(values + i) - shift);
            e.Store(values + i);
            sum += e;
        }

        if (i < length)
        {
            var tail = stackalloc float[Lanes];
            new Span<float>(tail, Lanes).Fill(float.NegativeInfinity);
            Unsafe.CopyBlockUnaligned(tail, values + i, (uint)(length - i) * sizeof(float));
            var e = Exp(Vector512.Load(tail) - shift);
            e.Store(tail);
            Unsafe.CopyBlockUnaligned(values + i, tail, (uint)(length - i) * sizeof(float));
            sum += e;
        }

        return ReduceAdd(sum);
    }
}
