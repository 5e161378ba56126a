using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>What follows a block's integer sums: minimums or offsets, and the step to floats. One or two fused multiply-adds per result.</summary>
internal static unsafe class BlockEnd<TIsa, TVector, TFormat, TColumns>
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFormat : struct, IPackedFormat
    where TColumns : struct, IColumns
{
    private static int Vector
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PackedLayout<TIsa, TVector, TFormat>.Vector;
    }

    private static int Stride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TColumns.Count * sizeof(int);
    }

    /// <summary>Adds a block's part to the results.</summary>
    /// <param name="weights">The packed block.</param>
    /// <param name="facts">The activations' scale and sums of this block: (facts, columns).</param>
    /// <param name="totals">The integer sums: (columns, groups × lanes).</param>
    /// <param name="sums">The results: (columns, groups × lanes).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* weights, byte* facts, byte* totals, byte* sums)
    {
        for (var group = 0; group < 2; group++)
        {
            if (TFormat.BlockLength == 32)
            {
                AddShort(weights + (group * Vector / 2), facts, totals + (group * Vector), sums + (group * Vector));
            }
            else
            {
                AddLong(
                    weights + (group * Vector / 2),
                    weights + PackedLayout<TIsa, TVector, TFormat>.Minimums + (group * PackedLayout<TIsa, TVector, TFormat>.ScaleBytes),
                    facts,
                    totals + (group * Vector),
                    sums + (group * Vector));
            }
        }
    }

    /// <summary>A block of 32 columns: its d is all there is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddShort(byte* header, byte* facts, byte* totals, byte* sums)
    {
        var d = TIsa.LoadHalf(header);
        var minimum = TFormat.HasMinimums ? TIsa.LoadHalf(header + PackedLayout<TIsa, TVector, TFormat>.MinimumD) : default;
        for (var column = 0; column < TColumns.Count; column++)
        {
            var total = TIsa.Load(totals);
            if (TFormat.Offset != 0)
            {
                total = TIsa.SubtractInt32(total, TimesOffset(Fact(facts, ActivationLayout.Sum)));
            }

            var sum = TIsa.MultiplyAdd(TIsa.ToSingle(total), TIsa.Multiply(d, Fact(facts, ActivationLayout.Scale)), TIsa.Load(sums));
            TIsa.Store(sums, TFormat.HasMinimums ? TIsa.MultiplyAdd(minimum, Fact(facts, ActivationLayout.ScaledSum), sum) : sum);
            facts += sizeof(int);
            totals += 2 * Vector;
            sums += 2 * Vector;
        }
    }

    /// <summary>A block of 256 columns: scales are in the totals already, minimums (or the offset times the scales) are not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddLong(byte* header, byte* minimums, byte* facts, byte* totals, byte* sums)
    {
        var d = TIsa.LoadHalf(header);
        var minimumD = TFormat.HasMinimums ? TIsa.Negate(TIsa.LoadHalf(header + PackedLayout<TIsa, TVector, TFormat>.MinimumD)) : default;
        var (p0, p1, p2, p3) = (Pair(minimums, 0), Pair(minimums, 1), Pair(minimums, 2), Pair(minimums, 3));
        var (p4, p5, p6, p7) = Pairs > 4 ? (Pair(minimums, 4), Pair(minimums, 5), Pair(minimums, 6), Pair(minimums, 7)) : default;
        for (var column = 0; column < TColumns.Count; column++)
        {
            var low = Minimums(facts, 0, p0, p1, p2, p3);
            low = Pairs > 4 ? TIsa.AddInt32(low, Minimums(facts, 4, p4, p5, p6, p7)) : low;
            var (total, sum, scale) = (TIsa.Load(totals), TIsa.Load(sums), Fact(facts, ActivationLayout.Scale));
            total = TFormat.Offset == 0 ? total : TIsa.SubtractInt32(total, TimesOffset(low));
            sum = TIsa.MultiplyAdd(TIsa.ToSingle(total), TIsa.Multiply(d, scale), sum);
            TIsa.Store(sums, TFormat.HasMinimums ? TIsa.MultiplyAdd(TIsa.ToSingle(low), TIsa.Multiply(minimumD, scale), sum) : sum);
            facts += sizeof(int);
            totals += 2 * Vector;
            sums += 2 * Vector;
        }
    }

    private static int Pairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.BlockLength / TFormat.ScaleLength / 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Pair(byte* minimums, int pair) =>
        TFormat.HasMinimums || TFormat.Offset != 0 ? TFormat.Pair<TIsa, TVector>(minimums, pair) : default;

    /// <summary>Four pairs of minimum (or scale) × sum of activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Minimums(byte* facts, int pair, TVector p0, TVector p1, TVector p2, TVector p3)
    {
        var first = (TFormat.ScaleLength == 16 ? ActivationLayout.Sums16 : ActivationLayout.Sums32) + pair;
        var sum = TIsa.MultiplyAddInt16(TIsa.Zero, p0, Fact(facts, first));
        sum = TIsa.MultiplyAddInt16(sum, p1, Fact(facts, first + 1));
        sum = TIsa.MultiplyAddInt16(sum, p2, Fact(facts, first + 2));
        return TIsa.MultiplyAddInt16(sum, p3, Fact(facts, first + 3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Fact(byte* facts, int index) => TIsa.Broadcast(facts + (index * Stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TimesOffset(TVector value) => TFormat.Offset switch
    {
        4 => TIsa.ShiftLeftInt32(value, 2),
        8 => TIsa.ShiftLeftInt32(value, 3),
        16 => TIsa.ShiftLeftInt32(value, 4),
        _ => TIsa.ShiftLeftInt32(value, 5),
    };
}
