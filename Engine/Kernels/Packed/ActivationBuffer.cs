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

    private byte* _memory;
    private nuint _length;
    private int _columns;

    public ActivationLayout Layout => layout;

    /// <summary>Packs all rows.</summary>
    /// <param name="inputs">(count, columns)</param>
    /// <param name="count">Tokens.</param>
    /// <param name="columns">A multiple of the layout's block length.</param>
    /// <param name="threads">Who does it.</param>
    public void Fill(float* inputs, int count, int columns, ComputeThreads threads)
    {
        Reserve(count, columns);
        var work = new Work(this, inputs, count);
        if ((long)count * columns < SmallWork)
        {
            for (var token = 0; token < count; token++)
            {
                work.Run(token);
            }
        }
        else
        {
            threads.Run(count, ref work);
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

    private readonly struct Work(ActivationBuffer buffer, float* inputs, int count) : IParallelWork
    {
        public void Run(int part)
        {
            var first = part / buffer.MaxColumns * buffer.MaxColumns;
            var inTile = Math.Min(buffer.MaxColumns, count - first);
            var codes = (int*)buffer.TileFrom(first);
            var facts = codes + ((long)buffer._columns / buffer.Layout.BlockLength * buffer.Layout.CodeWords * inTile);
            var column = part - first;
            ActivationPacker.Pack(inputs + ((long)part * buffer._columns), buffer._columns, buffer.Layout, codes + column, facts + column, inTile);
        }
    }

    private int MaxColumns => maxColumns;
}
