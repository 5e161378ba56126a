using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>
/// Two groups of rows of floats times 1 to 8 columns of activations. A column of the matrix has its elements of all rows of the tile side by
/// side. Each result is one chain of fused multiply-adds, column after column: the same bits whatever the number of activations' columns and
/// the instruction set.
/// </summary>
/// <remarks>Accumulators by name, as in <see cref="Tile{TIsa, TVector, TFormat, TColumns}"/>.</remarks>
internal static unsafe class FloatTile<TIsa, TVector, TFloat, TColumns>
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFloat : struct, IFloatFormat
    where TColumns : struct, IColumns
{
    private static int Vector
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.Lanes * sizeof(float);
    }

    /// <param name="weights">(columns of the matrix, rows of the tile)</param>
    /// <param name="length">Columns of the matrix.</param>
    /// <param name="activations">Floats: (columns of the matrix, columns).</param>
    /// <param name="sums">The results: (columns, groups × lanes).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* weights, int length, byte* activations, float* sums)
    {
        TVector c00 = TIsa.Zero, c10 = TIsa.Zero;
        TVector c01 = TIsa.Zero, c11 = TIsa.Zero;
        TVector c02 = TIsa.Zero, c12 = TIsa.Zero;
        TVector c03 = TIsa.Zero, c13 = TIsa.Zero;
        TVector c04 = TIsa.Zero, c14 = TIsa.Zero;
        TVector c05 = TIsa.Zero, c15 = TIsa.Zero;
        TVector c06 = TIsa.Zero, c16 = TIsa.Zero;
        TVector c07 = TIsa.Zero, c17 = TIsa.Zero;
        for (var i = 0; i < length; i++)
        {
            WeightPrefetch.Ahead(weights, 2 * TIsa.Lanes * TFloat.ElementBytes);
            var w0 = TFloat.Load<TIsa, TVector>(weights);
            var w1 = TFloat.Load<TIsa, TVector>(weights + (TIsa.Lanes * TFloat.ElementBytes));
            Multiply(w0, w1, activations, 0, ref c00, ref c10);
            if (TColumns.Count > 1) { Multiply(w0, w1, activations, 1, ref c01, ref c11); }
            if (TColumns.Count > 2) { Multiply(w0, w1, activations, 2, ref c02, ref c12); }
            if (TColumns.Count > 3) { Multiply(w0, w1, activations, 3, ref c03, ref c13); }
            if (TColumns.Count > 4) { Multiply(w0, w1, activations, 4, ref c04, ref c14); }
            if (TColumns.Count > 5) { Multiply(w0, w1, activations, 5, ref c05, ref c15); }
            if (TColumns.Count > 6) { Multiply(w0, w1, activations, 6, ref c06, ref c16); }
            if (TColumns.Count > 7) { Multiply(w0, w1, activations, 7, ref c07, ref c17); }
            weights += 2 * TIsa.Lanes * TFloat.ElementBytes;
            activations += TColumns.Count * sizeof(float);
        }

        Store(sums, 0, c00, c10);
        if (TColumns.Count > 1) { Store(sums, 1, c01, c11); }
        if (TColumns.Count > 2) { Store(sums, 2, c02, c12); }
        if (TColumns.Count > 3) { Store(sums, 3, c03, c13); }
        if (TColumns.Count > 4) { Store(sums, 4, c04, c14); }
        if (TColumns.Count > 5) { Store(sums, 5, c05, c15); }
        if (TColumns.Count > 6) { Store(sums, 6, c06, c16); }
        if (TColumns.Count > 7) { Store(sums, 7, c07, c17); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(TVector w0, TVector w1, byte* activations, int column, ref TVector sum0, ref TVector sum1)
    {
        var x = TIsa.Broadcast(activations + (column * sizeof(float)));
        sum0 = TIsa.MultiplyAdd(w0, x, sum0);
        sum1 = TIsa.MultiplyAdd(w1, x, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, int column, TVector sum0, TVector sum1)
    {
        TIsa.Store((byte*)sums + (column * 2 * Vector), sum0);
        TIsa.Store((byte*)sums + (((column * 2) + 1) * Vector), sum1);
    }
}
