using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Model.KvFormats;

/// <summary>
/// How one head's part of a cache block is kept: <see cref="BlockLength"/> tokens of <see cref="HeadSize"/> values, either by columns
/// (headSize, position) for keys, so that scores are vectors over positions, or by rows (position, headSize) for values. What is loaded is
/// f32; loads go in whole vectors and so read up to <see cref="Overread"/> bytes beyond the block.
/// </summary>
internal abstract unsafe class KvFormat(int headSize, int blockLength)
{
    /// <summary>Most tokens that are loaded at once.</summary>
    public const int TileLength = 32;

    /// <summary>The bytes behind the last block that must be readable.</summary>
    public const int Overread = 256;

    protected const int Lanes = 16;

    /// <summary>Values per token.</summary>
    public int HeadSize { get; } = headSize;

    /// <summary>Tokens per block.</summary>
    public int BlockLength { get; } = blockLength;

    /// <summary>The bytes of one head's part of a block; blocks begin at multiples of a cache line.</summary>
    public long BlockBytes => ((BytesPerToken * BlockLength) + 63) & ~63L;

    /// <summary>The bytes of one token's head.</summary>
    protected abstract long BytesPerToken { get; }

    /// <summary>The format of a type.</summary>
    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    public static KvFormat Create(KvType type, int headSize, int blockLength) => type switch
    {
        KvType.F16 => new HalfFormat(headSize, blockLength),
        KvType.F32 => new SingleFormat(headSize, blockLength),
        KvType.Q8_0 => new Q8Format(headSize, blockLength),
        _ => throw new EngineException("invalid_value", $"there is no KV type {(int)type}"),
    };

    /// <summary>Keeps a token's values (headSize) in a block by columns.</summary>
    public abstract void StoreColumn(float* values, byte* block, int position);

    /// <summary>Keeps a token's values (headSize) in a block by rows.</summary>
    public abstract void StoreRow(float* values, byte* block, int position);

    /// <summary>Loads <paramref name="count"/> ≤ <see cref="TileLength"/> tokens of a block by columns.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">The first token's place in the block.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="next">Where the tile that is loaded next begins: what it needs is fetched from memory meanwhile. Any address will do.</param>
    /// <param name="tile">(headSize, TileLength); lanes from <paramref name="count"/> on get anything.</param>
    public abstract void LoadColumns(byte* block, int first, int count, byte* next, float* tile);

    /// <summary>Loads tokens of a block by rows.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">The first token's place in the block.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="next">As for columns.</param>
    /// <param name="tile">(count, headSize rounded up to 16); what is beyond headSize gets anything.</param>
    public abstract void LoadRows(byte* block, int first, int count, byte* next, float* tile);

    /// <summary>Where a token's values begin in a block by columns.</summary>
    public abstract byte* ColumnAt(byte* block, int position);

    /// <summary>Where a token's values begin in a block by rows.</summary>
    public abstract byte* RowAt(byte* block, int position);

    /// <summary>Loads one token's values (headSize) from a block by columns; slow.</summary>
    public abstract void LoadColumn(byte* block, int position, float* values);

    /// <summary>Loads one token's values (headSize) from a block by rows; slow.</summary>
    public abstract void LoadRow(byte* block, int position, float* values);

    /// <summary>Asks for a cache line, where the CPU can be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Fetch(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Values per row of a tile of rows.</summary>
    public static int PaddedSize(int headSize) => (headSize + Lanes - 1) & ~(Lanes - 1);
}
