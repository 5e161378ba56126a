using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// Softmax of one row over some positions, not yet divided: the largest score, the sum of exp(score - largest), and the values weighted by
/// the same. Online softmax as in arXiv 1805.02867; states of spans are merged in ascending order, always, so that it does not matter who
/// computed them.
/// </summary>
internal static unsafe class RowState
{
    private const int Lanes = VectorMath.Lanes;

    // The largest score and the sum take a vector, so that the values after them are aligned.
    private const int Header = Lanes;

    /// <summary>Floats of a state.</summary>
    public static int SizeOf(int valueSize) => Header + valueSize;

    /// <summary>The weighted values: (valueSize).</summary>
    public static float* ValuesOf(float* state) => state + Header;

    /// <summary>Turns scores into weights and begins a state with them.</summary>
    /// <param name="scores">(count); up to 15 more are overwritten.</param>
    /// <param name="count">Positions; at least one.</param>
    /// <param name="state">Gets the largest score and the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Begin(float* scores, int count, float* state)
    {
        Vector512.Create(float.NegativeInfinity).Store(scores + count);
        var largest = Vector512.Load(scores);
        for (var i = Lanes; i < count; i += Lanes)
        {
            largest = Vector512.MaxNative(largest, Vector512.Load(scores + i));
        }

        var max = ReduceMax(largest);
        var shift = Vector512.Create(max);
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < count; i += Lanes)
        {
            var weights = VectorMath.Exp(Vector512.Load(scores + i) - shift);
            weights.Store(scores + i);
            sum += weights;
        }

        state[0] = max;
        state[1] = VectorMath.ReduceAdd(sum);
    }

    /// <summary>Adds the state of the following positions to a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Merge(float* state, float* next, int valueSize)
    {
        var max = MathF.Max(state[0], next[0]);
        var (factor, nextFactor) = (Exp(state[0] - max), Exp(next[0] - max));
        state[0] = max;
        state[1] = MathF.FusedMultiplyAdd(state[1], factor[0], next[1] * nextFactor[0]);
        var values = ValuesOf(state);
        var nextValues = ValuesOf(next);
        for (var i = 0; i < valueSize; i += Lanes)
        {
            Vector512.FusedMultiplyAdd(Vector512.Load(values + i), factor, Vector512.Load(nextValues + i) * nextFactor).Store(values + i);
        }
    }

    /// <summary>Divides by the sum: (count).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish(float* state, float* result, int count)
    {
        var values = ValuesOf(state);
        var sum = Vector512.Create(state[1]);
        var i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            (Vector512.Load(values + i) / sum).Store(result + i);
        }

        for (; i < count; i++)
        {
            result[i] = values[i] / state[1];
        }
    }

    private static Vector512<float> Exp(float x) => VectorMath.Exp(Vector512.Create(x));

    private static float ReduceMax(Vector512<float> lanes)
    {
        var eight = Vector256.MaxNative(lanes.GetLower(), lanes.GetUpper());
        var four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }
}
