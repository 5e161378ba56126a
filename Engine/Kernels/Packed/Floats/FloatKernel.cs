using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>The kernel of a float type: weights stay as they are in the file, interleaved; activations stay floats.</summary>
internal sealed unsafe class FloatKernel<TIsa, TVector, TFloat> : PackedKernel
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFloat : struct, IFloatFormat
{
    private static readonly delegate*<byte*, int, byte*, float*, void>[] Tiles =
    [
        &FloatTile<TIsa, TVector, TFloat, Columns1>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns2>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns3>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns4>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns5>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns6>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns7>.Run,
        &FloatTile<TIsa, TVector, TFloat, Columns8>.Run,
    ];

    public override int Rows => 2 * TIsa.Lanes;

    public override int MaxColumns => TIsa.MaxColumns;

    /// <summary>For what is said of faults only: any number of columns will do.</summary>
    public override int BlockLength => 32;

    public override ActivationLayout Activations => ActivationLayout.Floats;

    public override long TileBytes(int columns) => (long)columns * Rows * TFloat.ElementBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int PackRow(byte* row, int columns, byte* tile, int index)
    {
        var place = tile + (index * TFloat.ElementBytes);
        for (var column = 0; column < columns; column++)
        {
            if (!TFloat.IsFinite(row))
            {
                return column / BlockLength;
            }

            if (TFloat.ElementBytes == sizeof(float))
            {
                *(uint*)place = *(uint*)row;
            }
            else
            {
                *(ushort*)place = *(ushort*)row;
            }

            row += TFloat.ElementBytes;
            place += Rows * TFloat.ElementBytes;
        }

        return -1;
    }

    public override void Multiply(byte* tile, int columns, byte* activations, int count, float* sums) =>
        Tiles[count - 1](tile, columns, activations, sums);
}
