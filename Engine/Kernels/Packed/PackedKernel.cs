using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>How matrices of one tensor type are packed and multiplied on this CPU.</summary>
internal abstract unsafe class PackedKernel
{
    /// <summary>Rows of a tile.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of activations that are multiplied together, at most.</summary>
    public abstract int MaxColumns { get; }

    /// <summary>Columns of the matrix that a fault is told for.</summary>
    public abstract int BlockLength { get; }

    /// <summary>How it wants its activations.</summary>
    public abstract ActivationLayout Activations { get; }

    /// <summary>The bytes of a tile's packed rows.</summary>
    public abstract long TileBytes(int columns);

    /// <summary>Packs one row into its place in a tile.</summary>
    /// <param name="row">The row as in the file.</param>
    /// <param name="columns">Its length.</param>
    /// <param name="tile">The tile; all zero where nothing was packed yet.</param>
    /// <param name="index">The row within the tile.</param>
    /// <returns>The first block that has a scale or an element that is no finite number; -1: none.</returns>
    public abstract int PackRow(byte* row, int columns, byte* tile, int index);

    /// <summary>A tile's rows times some columns of activations.</summary>
    /// <param name="tile">The packed rows.</param>
    /// <param name="columns">The matrix' columns.</param>
    /// <param name="activations">Codes and facts of <paramref name="count"/> tokens.</param>
    /// <param name="count">1 to <see cref="MaxColumns"/>.</param>
    /// <param name="sums">(count, rows of the tile)</param>
    public abstract void Multiply(byte* tile, int columns, byte* activations, int count, float* sums);
}

/// <inheritdoc/>
internal sealed unsafe class PackedKernel<TIsa, TVector, TFormat>(int blockBytes) : PackedKernel
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFormat : struct, IPackedFormat
{
    private static readonly delegate*<byte*, int, byte*, byte*, float*, void>[] Tiles =
    [
        &Tile<TIsa, TVector, TFormat, Columns1>.Run,
        &Tile<TIsa, TVector, TFormat, Columns2>.Run,
        &Tile<TIsa, TVector, TFormat, Columns3>.Run,
        &Tile<TIsa, TVector, TFormat, Columns4>.Run,
        &Tile<TIsa, TVector, TFormat, Columns5>.Run,
        &Tile<TIsa, TVector, TFormat, Columns6>.Run,
        &Tile<TIsa, TVector, TFormat, Columns7>.Run,
        &Tile<TIsa, TVector, TFormat, Columns8>.Run,
    ];

    public override int Rows => PackedLayout<TIsa, TVector, TFormat>.Rows;

    public override int MaxColumns => TIsa.MaxColumns;

    public override int BlockLength => TFormat.BlockLength;

    public override ActivationLayout Activations => ActivationLayout.Of<TFormat>();

    public override long TileBytes(int columns) => (long)columns / TFormat.BlockLength * PackedLayout<TIsa, TVector, TFormat>.BlockBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int PackRow(byte* row, int columns, byte* tile, int index)
    {
        UnpackedBlock unpacked = default;
        for (var block = 0; block < columns / TFormat.BlockLength; block++)
        {
            TFormat.Unpack(row + (block * blockBytes), &unpacked);
            if (!Half.IsFinite(unpacked.D) || !Half.IsFinite(unpacked.Minimum))
            {
                return block;
            }

            BlockPacker<TIsa, TVector, TFormat>.Pack(&unpacked, tile + ((long)block * PackedLayout<TIsa, TVector, TFormat>.BlockBytes), index);
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(byte* tile, int columns, byte* activations, int count, float* sums)
    {
        var blocks = columns / TFormat.BlockLength;
        var facts = activations + ((long)blocks * Activations.CodeWords * count * sizeof(int));
        Tiles[count - 1](tile, blocks, activations, facts, sums);
    }
}
