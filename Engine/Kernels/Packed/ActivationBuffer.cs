using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// The activations of one product in packed form: tiles of up to <paramref name="layout"/>'s columns one after the other. Grows to the
/// largest seen and is used again.
/// </summary>
internal sealed unsafe class ActivationBuffer(ActivationLayout layout, int maxColumns) : IDisposable
{
    // Packing less than this many numbers is done before another thread is awake.
    private const int SmallWork = 1 << 14;

    // So that threads that are done early find something else to do.
    private const int PartsPerThread = 4;

    private byte* _memory;
    private nuint _length;
    private int _columns;

    public ActivationLayout Layout => layout;

    /// <summary>Whether a kernel that wants its activations so can use it. Kernels of one layout may differ in the tiles' columns.</summary>
    public bool Serves(ActivationLayout wanted, int columns) => (layout, maxColumns) == (wanted, columns);

    /// <summary>Packs all rows.</summary>
    /// <param name="inputs">(count, columns)</param>
    /// <param name="count">Tokens.</param>
    /// <param name="columns">A multiple of the layout's block length.</param>
    /// <param name="threads">Who does it.</param>
    public void Fill(float* inputs, int count, int columns, ComputeThreads threads)
    {
        Reserve(count, columns);
        var tiles = (count + maxColumns - 1) / maxColumns;
        var isSmall = (long)count * columns < SmallWork;
        var splits = isSmall ? 1 : Math.Clamp(threads.Count * PartsPerThread / tiles, 1, columns / layout.BlockLength);
        var work = new Work(this, inputs, count, splits);
        if (isSmall)
        {
            for (var part = 0; part < tiles; part++)
            {
                work.Run(part);
            }
        }
        else
        {
            threads.Run(tiles * splits, ref work);
        }
    }

    /// <summary>Codes and facts of the tile that begins with token <paramref name="first"/>.</summary>
    public byte* TileFrom(int first) => _memory + ((long)first * BytesPerToken);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _length = 0;
    }

    private long BytesPerToken => (long)_columns / layout.BlockLength * layout.Words * sizeof(int);

    private void Reserve(int count, int columns)
    {
        _columns = columns;
        var needed = checked((nuint)(count * BytesPerToken));
        if (_length < needed)
        {
            Dispose();
            _memory = (byte*)NativeMemory.AlignedAlloc(needed, 64);
            _length = needed;
        }
    }

    /// <summary>
    /// A part is a run of blocks of all tokens of a tile: these lie side by side in memory, and threads that write to the same cache line
    /// wait for each other.
    /// </summary>
    private readonly struct Work(ActivationBuffer buffer, float* inputs, int count, int splits) : IParallelWork
    {
        public void Run(int part)
        {
            var layout = buffer.Layout;
            var first = part / splits * buffer.MaxColumns;
            var inTile = Math.Min(buffer.MaxColumns, count - first);
            var blocks = buffer._columns / layout.BlockLength;
            var firstBlock = (int)((long)blocks * (part % splits) / splits);
            var endBlock = (int)((long)blocks * ((part % splits) + 1) / splits);
            var codes = (int*)buffer.TileFrom(first) + ((long)firstBlock * layout.CodeWords * inTile);
            var facts = (int*)buffer.TileFrom(first) + ((((long)blocks * layout.CodeWords) + ((long)firstBlock * layout.Facts)) * inTile);
            for (var column = 0; column < inTile; column++)
            {
                var input = inputs + ((long)(first + column) * buffer._columns) + ((long)firstBlock * layout.BlockLength);
                ActivationPacker.Pack(input, (endBlock - firstBlock) * layout.BlockLength, layout, codes + column, facts + column, inTile);
            }
        }
    }

    private int MaxColumns => maxColumns;
}
