using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// What goes before a block's products: its scales, and what its minimums (or offsets) add. It reads all of the block's head, in order, before
/// any code is read: memory is fast only to those who read it in one sweep.
/// </summary>
internal static unsafe class BlockHead<TIsa, TVector, TFormat, TColumns>
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

    private static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PackedLayout<TIsa, TVector, TFormat>.ScaleBytes;
    }

    private static int Stride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TColumns.Count * sizeof(int);
    }

    private static int Pairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.BlockLength / TFormat.ScaleLength / 2;
    }

    /// <param name="weights">The packed block.</param>
    /// <param name="facts">The activations' scale and sums of this block: (facts, columns).</param>
    /// <param name="scales">Becomes the scales of both groups.</param>
    /// <param name="totals">In blocks of 256, becomes what the integer sums begin with: (columns, groups × lanes).</param>
    /// <param name="sums">The results, to which minimums are added: (columns, groups × lanes).</param>
    /// <param name="d0">The d of the first group's rows.</param>
    /// <param name="d1">The d of the second group's rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(byte* weights, byte* facts, byte* scales, byte* totals, byte* sums, out TVector d0, out TVector d1)
    {
        (d0, d1) = (TIsa.LoadHalf(weights), TIsa.LoadHalf(weights + (Vector / 2)));
        var (m0, m1) = TFormat.HasMinimums ? (MinimumD(weights, 0), MinimumD(weights, 1)) : default;
        if (TFormat.BlockLength == 32)
        {
            AddMinimum(m0, facts, sums);
            AddMinimum(m1, facts, sums + Vector);
            return;
        }

        for (var i = 0; i < 2 * ScaleBytes; i += Vector)
        {
            TIsa.Store(scales + i, TIsa.Load(weights + PackedLayout<TIsa, TVector, TFormat>.Scales + i));
        }

        var minimums = TFormat.HasMinimums && !TFormat.SharesScales ? weights + PackedLayout<TIsa, TVector, TFormat>.Minimums : scales;
        AddMinimums(m0, minimums, facts, totals, sums);
        AddMinimums(m1, minimums + ScaleBytes, facts, totals + Vector, sums + Vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector TimesOffset(TVector value) => TFormat.Offset switch
    {
        4 => TIsa.ShiftLeftInt32(value, 2),
        8 => TIsa.ShiftLeftInt32(value, 3),
        16 => TIsa.ShiftLeftInt32(value, 4),
        32 => TIsa.ShiftLeftInt32(value, 5),
        _ => TIsa.ShiftLeftInt32(value, 7),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MinimumD(byte* weights, int group)
    {
        var minimum = TIsa.LoadHalf(weights + PackedLayout<TIsa, TVector, TFormat>.MinimumD + (group * Vector / 2));
        return TFormat.BlockLength == 32 ? minimum : TIsa.Negate(minimum);
    }

    /// <summary>A block of 32 columns has one minimum, which is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMinimum(TVector minimum, byte* facts, byte* sums)
    {
        for (var column = 0; column < TColumns.Count && TFormat.HasMinimums; column++, sums += 2 * Vector, facts += sizeof(int))
        {
            TIsa.Store(sums, TIsa.MultiplyAdd(minimum, Fact(facts, ActivationLayout.ScaledSum), TIsa.Load(sums)));
        }
    }

    /// <summary>A block of 256 columns has one for each sub-block, which are taken away; or an offset, times each sub-block's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMinimums(TVector minimumD, byte* minimums, byte* facts, byte* totals, byte* sums)
    {
        var (p0, p1, p2, p3) = (Pair(minimums, 0), Pair(minimums, 1), Pair(minimums, 2), Pair(minimums, 3));
        var (p4, p5, p6, p7) = Pairs > 4 ? (Pair(minimums, 4), Pair(minimums, 5), Pair(minimums, 6), Pair(minimums, 7)) : default;
        for (var column = 0; column < TColumns.Count; column++, totals += 2 * Vector, sums += 2 * Vector, facts += sizeof(int))
        {
            var low = Four(facts, 0, p0, p1, p2, p3);
            low = Pairs > 4 ? TIsa.AddInt32(low, Four(facts, 4, p4, p5, p6, p7)) : low;
            if (TFormat.HasMinimums)
            {
                var scale = TIsa.Multiply(minimumD, Fact(facts, ActivationLayout.Scale));
                TIsa.Store(sums, TIsa.MultiplyAdd(TIsa.ToSingle(low), scale, TIsa.Load(sums)));
            }

            TIsa.Store(totals, TFormat.Offset == 0 ? TIsa.Zero : TIsa.SubtractInt32(TIsa.Zero, TimesOffset(low)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Pair(byte* minimums, int pair) =>
        TFormat.HasMinimums || TFormat.Offset != 0 ? TFormat.Pair<TIsa, TVector>(minimums, pair) : default;

    /// <summary>Four pairs of minimum (or scale) × sum of activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Four(byte* facts, int pair, TVector p0, TVector p1, TVector p2, TVector p3)
    {
        var first = (TFormat.ScaleLength == 16 ? ActivationLayout.Sums16 : ActivationLayout.Sums32) + pair;
        var sum = TIsa.MultiplyAddInt16(TIsa.Zero, p0, Fact(facts, first));
        sum = TIsa.MultiplyAddInt16(sum, p1, Fact(facts, first + 1));
        sum = TIsa.MultiplyAddInt16(sum, p2, Fact(facts, first + 2));
        return TIsa.MultiplyAddInt16(sum, p3, Fact(facts, first + 3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Fact(byte* facts, int index) => TIsa.Broadcast(facts + (index * Stride));
}
