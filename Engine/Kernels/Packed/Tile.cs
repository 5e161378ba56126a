using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// The one kernel: two groups of rows times 1 to 8 columns of activations, over all blocks of the rows. Each result is one chain of fused
/// multiply-adds, block after block, its integers exact: so it has the same bits whatever the number of columns and the instruction set.
/// </summary>
/// <remarks>
/// The JIT keeps only named locals in registers, and knows all constants of its type parameters: hence the 16 accumulators by name, of
/// which a smaller tile's code has just those that it needs.
/// </remarks>
internal static unsafe class Tile<TIsa, TVector, TFormat, TColumns>
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

    private static int CodeBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PackedLayout<TIsa, TVector, TFormat>.CodeBytes;
    }

    private static int QuadsPerChunk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.IsSigned ? 4 : 2;
    }

    /// <summary>The scales of both groups.</summary>
    private static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * PackedLayout<TIsa, TVector, TFormat>.ScaleBytes;
    }

    /// <summary>Whether a block's partial sums are all of its total.</summary>
    private static bool FoldsOnce
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.BlockLength == 32 && TFormat.DotsPerFold == 8;
    }

    /// <summary>Words of activations from one to the next of a column.</summary>
    private static int Stride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TColumns.Count * sizeof(int);
    }

    /// <param name="weights">The packed blocks of two groups of rows.</param>
    /// <param name="blocks">How many.</param>
    /// <param name="codes">The activations' codes: (words, columns).</param>
    /// <param name="facts">Their scales and sums: (blocks, facts, columns).</param>
    /// <param name="sums">The results: (columns, groups × lanes), aligned.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* weights, int blocks, byte* codes, byte* facts, float* sums)
    {
        var layout = ActivationLayout.Of<TFormat>();
        var memory = stackalloc byte[(2 * TColumns.Count * Vector) + ScaleBytes + Vector];

        // Aligned: what crosses a cache line is slow to read back.
        var totals = (byte*)(((nint)memory + Vector - 1) & -Vector);
        var scales = totals + (2 * TColumns.Count * Vector);
        for (var i = 0; i < 2 * TColumns.Count; i++)
        {
            TIsa.Store((byte*)sums + (i * Vector), TIsa.Zero);
        }

        for (var block = 0; block < blocks; block++)
        {
            WeightPrefetch.Ahead(weights, PackedLayout<TIsa, TVector, TFormat>.BlockBytes);
            BlockHead<TIsa, TVector, TFormat, TColumns>.Read(weights, facts, scales, totals, (byte*)sums, out var d0, out var d1);
            SumBlock(weights + PackedLayout<TIsa, TVector, TFormat>.Codes, codes, scales, totals);
            AddTotals(d0, d1, facts, totals, (byte*)sums);
            weights += PackedLayout<TIsa, TVector, TFormat>.BlockBytes;
            codes += layout.CodeWords * Stride;
            facts += layout.Facts * Stride;
        }
    }

    /// <summary>From integers to floats: one fused multiply-add per result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTotals(TVector d0, TVector d1, byte* facts, byte* totals, byte* sums)
    {
        for (var column = 0; column < TColumns.Count; column++, totals += 2 * Vector, sums += 2 * Vector, facts += sizeof(int))
        {
            var scale = TIsa.Broadcast(facts + (ActivationLayout.Scale * Stride));
            var (total0, total1) = (TIsa.Load(totals), TIsa.Load(totals + Vector));
            if (TFormat.BlockLength == 32 && TFormat.Offset != 0)
            {
                var offset = BlockHead<TIsa, TVector, TFormat, TColumns>.TimesOffset(TIsa.Broadcast(facts + (ActivationLayout.Sum * Stride)));
                (total0, total1) = (TIsa.SubtractInt32(total0, offset), TIsa.SubtractInt32(total1, offset));
            }

            TIsa.Store(sums, TIsa.MultiplyAdd(TIsa.ToSingle(total0), TIsa.Multiply(d0, scale), TIsa.Load(sums)));
            TIsa.Store(sums + Vector, TIsa.MultiplyAdd(TIsa.ToSingle(total1), TIsa.Multiply(d1, scale), TIsa.Load(sums + Vector)));
        }
    }

    /// <summary>Adds the integer sums of a block's products to the totals: (columns, groups).</summary>
    /// <param name="group0">The block's codes.</param>
    /// <param name="activations">Their factors: (words, columns).</param>
    /// <param name="scales">The scales of both groups.</param>
    /// <param name="totals">The sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumBlock(byte* group0, byte* activations, byte* scales, byte* totals)
    {
        for (var i = 0; i < 2 * TColumns.Count && TFormat.BlockLength == 32 && !FoldsOnce; i++)
        {
            TIsa.Store(totals + (i * Vector), TIsa.Zero);
        }

        for (var chunk = 0; chunk < PackedLayout<TIsa, TVector, TFormat>.Chunks; chunk++)
        {
            var group1 = group0 + Vector;
            TVector c00 = TIsa.Zero, c10 = TIsa.Zero;
            TVector c01 = TIsa.Zero, c11 = TIsa.Zero;
            TVector c02 = TIsa.Zero, c12 = TIsa.Zero;
            TVector c03 = TIsa.Zero, c13 = TIsa.Zero;
            TVector c04 = TIsa.Zero, c14 = TIsa.Zero;
            TVector c05 = TIsa.Zero, c15 = TIsa.Zero;
            TVector c06 = TIsa.Zero, c16 = TIsa.Zero;
            TVector c07 = TIsa.Zero, c17 = TIsa.Zero;
            for (var quad = 0; quad < QuadsPerChunk; quad++)
            {
                var (high0, high1) = (TFormat.High<TIsa, TVector>(group0, quad), TFormat.High<TIsa, TVector>(group1, quad));
                var (w00, w01) = (TFormat.Code<TIsa, TVector>(group0, quad, high0, 0), TFormat.Code<TIsa, TVector>(group1, quad, high1, 0));
                Multiply(w00, w01, activations, ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                var (w10, w11) = (TFormat.Code<TIsa, TVector>(group0, quad, high0, 1), TFormat.Code<TIsa, TVector>(group1, quad, high1, 1));
                Multiply(w10, w11, activations + (1 * Stride), ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                if (TFormat.DotsPerFold == 2)
                {
                    Fold(totals, scales, (chunk * 2) + quad, ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                }

                var (w20, w21) = (TFormat.Code<TIsa, TVector>(group0, quad, high0, 2), TFormat.Code<TIsa, TVector>(group1, quad, high1, 2));
                Multiply(w20, w21, activations + (2 * Stride), ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                var (w30, w31) = (TFormat.Code<TIsa, TVector>(group0, quad, high0, 3), TFormat.Code<TIsa, TVector>(group1, quad, high1, 3));
                Multiply(w30, w31, activations + (3 * Stride), ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                activations += 4 * Stride;
                if (TFormat.DotsPerFold <= 4)
                {
                    Fold(totals, scales, TFormat.ScaleLength == 16 ? (chunk * 2) + quad : chunk, ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
                }
            }

            if (TFormat.DotsPerFold == 8)
            {
                Fold(totals, scales, chunk, ref c00, ref c10, ref c01, ref c11, ref c02, ref c12, ref c03, ref c13, ref c04, ref c14, ref c05, ref c15, ref c06, ref c16, ref c07, ref c17);
            }

            group0 += 2 * CodeBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Dot(TVector partial, TVector weights, TVector activations) =>
        TFormat.IsSigned ? TIsa.MultiplyAddInt16(partial, weights, activations) : TIsa.Dot(partial, weights, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        TVector w0,
        TVector w1,
        byte* activations,
        ref TVector c00, ref TVector c10,
        ref TVector c01, ref TVector c11,
        ref TVector c02, ref TVector c12,
        ref TVector c03, ref TVector c13,
        ref TVector c04, ref TVector c14,
        ref TVector c05, ref TVector c15,
        ref TVector c06, ref TVector c16,
        ref TVector c07, ref TVector c17)
    {
        var x = TIsa.Broadcast(activations);
        (c00, c10) = (Dot(c00, w0, x), Dot(c10, w1, x));
        if (TColumns.Count > 1) { x = TIsa.Broadcast(activations + 4); (c01, c11) = (Dot(c01, w0, x), Dot(c11, w1, x)); }
        if (TColumns.Count > 2) { x = TIsa.Broadcast(activations + 8); (c02, c12) = (Dot(c02, w0, x), Dot(c12, w1, x)); }
        if (TColumns.Count > 3) { x = TIsa.Broadcast(activations + 12); (c03, c13) = (Dot(c03, w0, x), Dot(c13, w1, x)); }
        if (TColumns.Count > 4) { x = TIsa.Broadcast(activations + 16); (c04, c14) = (Dot(c04, w0, x), Dot(c14, w1, x)); }
        if (TColumns.Count > 5) { x = TIsa.Broadcast(activations + 20); (c05, c15) = (Dot(c05, w0, x), Dot(c15, w1, x)); }
        if (TColumns.Count > 6) { x = TIsa.Broadcast(activations + 24); (c06, c16) = (Dot(c06, w0, x), Dot(c16, w1, x)); }
        if (TColumns.Count > 7) { x = TIsa.Broadcast(activations + 28); (c07, c17) = (Dot(c07, w0, x), Dot(c17, w1, x)); }
    }

    /// <summary>Adds the partial sums, times their scale, to the totals, and begins them anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(
        byte* totals,
        byte* scales,
        int subBlock,
        ref TVector c00, ref TVector c10,
        ref TVector c01, ref TVector c11,
        ref TVector c02, ref TVector c12,
        ref TVector c03, ref TVector c13,
        ref TVector c04, ref TVector c14,
        ref TVector c05, ref TVector c15,
        ref TVector c06, ref TVector c16,
        ref TVector c07, ref TVector c17)
    {
        var s0 = TFormat.Scale<TIsa, TVector>(scales, subBlock);
        var s1 = TFormat.Scale<TIsa, TVector>(scales + PackedLayout<TIsa, TVector, TFormat>.ScaleBytes, subBlock);
        Fold(totals + (0 * Vector), ref c00, s0); Fold(totals + (1 * Vector), ref c10, s1);
        if (TColumns.Count > 1) { Fold(totals + (2 * Vector), ref c01, s0); Fold(totals + (3 * Vector), ref c11, s1); }
        if (TColumns.Count > 2) { Fold(totals + (4 * Vector), ref c02, s0); Fold(totals + (5 * Vector), ref c12, s1); }
        if (TColumns.Count > 3) { Fold(totals + (6 * Vector), ref c03, s0); Fold(totals + (7 * Vector), ref c13, s1); }
        if (TColumns.Count > 4) { Fold(totals + (8 * Vector), ref c04, s0); Fold(totals + (9 * Vector), ref c14, s1); }
        if (TColumns.Count > 5) { Fold(totals + (10 * Vector), ref c05, s0); Fold(totals + (11 * Vector), ref c15, s1); }
        if (TColumns.Count > 6) { Fold(totals + (12 * Vector), ref c06, s0); Fold(totals + (13 * Vector), ref c16, s1); }
        if (TColumns.Count > 7) { Fold(totals + (14 * Vector), ref c07, s0); Fold(totals + (15 * Vector), ref c17, s1); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(byte* total, ref TVector partial, TVector scale)
    {
        var sum = FoldsOnce ? TIsa.Zero : TIsa.Load(total);
        TIsa.Store(total, TFormat.IsSigned ? TIsa.FoldInt32(sum, partial, scale) : TIsa.Fold(sum, partial, scale));
        partial = TIsa.Zero;
    }
}
