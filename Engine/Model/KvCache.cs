using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model.KvFormats;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Model;

/// <summary>
/// The keys and values of a stage's layers for all its sequences, in blocks from one pool that is allocated once.
/// Layout, for keys and values each: (layer, block, kvHead), and in each the tokens of one block: keys by columns, values by rows.
/// </summary>
internal sealed unsafe class KvCache : IDisposable
{
    private readonly int _blockLength;
    private readonly int _blockCount;
    private readonly int _kvHeads;
    private int _layers;
    private readonly BlockTable _table;
    private readonly NativeBuffer _keyPool;
    private readonly NativeBuffer _valuePool;
    private byte* _keys;
    private byte* _values;

    /// <exception cref="EngineException"><c>invalid_value</c>: there is no such type; <c>out_of_memory</c>.</exception>
    public KvCache(ModelConfig config, int layerCount, KvCacheOptions options)
    {
        _blockLength = options.BlockLength;
        _layers = layerCount;
        _kvHeads = config.KvHeadCount;
        _blockCount = options.BlockCount;
        _table = new BlockTable(_blockCount, options.BlockLength, CopyBlock);
        KeyFormat = KvFormat.Create(options.Type, config.KeyHeadSize, options.BlockLength);
        ValueFormat = KvFormat.Create(options.Type, config.ValueHeadSize, options.BlockLength);
        _keyPool = Allocate(KeyFormat);
        try
        {
            _valuePool = Allocate(ValueFormat);
        }
        catch
        {
            _keyPool.Dispose();
            throw;
        }

        _keys = _keyPool.Pointer;
        _values = _valuePool.Pointer;
    }

    /// <summary>How a head's part of a block of keys is kept: by columns.</summary>
    public KvFormat KeyFormat { get; }

    /// <summary>How a head's part of a block of values is kept: by rows.</summary>
    public KvFormat ValueFormat { get; }

    /// <summary>The bytes that keys and values of one token take over <paramref name="layerCount"/> layers.</summary>
    public static Int128 BytesPerToken(ModelConfig config, int layerCount, KvType type) =>
        (Int128)layerCount * config.KvHeadCount * (BytesPerHead(config.KeyHeadSize, type) + BytesPerHead(config.ValueHeadSize, type));

    /// <summary>
    /// The bytes of a whole cache. A hostile file can ask for more than can be counted: these are too many, and not a negative number.
    /// </summary>
    public static long Bytes(ModelConfig config, int layerCount, KvCacheOptions options) =>
        (long)Int128.Min(long.MaxValue, BytesPerToken(config, layerCount, options.Type) * options.CapacityTokens);

    /// <summary>How blocks are laid out; another number is another layout, of which this one understands nothing.</summary>
    public static int Layout => 1;

    /// <summary>The bytes of a block's keys and values in one layer.</summary>
    public long BlockBytes => _kvHeads * (KeyFormat.BlockBytes + ValueFormat.BlockBytes);

    /// <summary>The open sequences, as they are now.</summary>
    public IReadOnlyList<CachedSequence> Sequences => _table.Sequences;

    /// <summary>Opens sequences with the blocks that they have in another cache of this shape.</summary>
    /// <exception cref="EngineException">See <see cref="BlockTable.Adopt"/>.</exception>
    public void Adopt(IReadOnlyList<CachedSequence> sequences) => _table.Adopt(sequences);

    /// <summary>Copies a layer's block, keys before values, to <paramref name="bytes"/>: (BlockBytes).</summary>
    public void ReadBlock(int layer, int block, Span<byte> bytes)
    {
        var keys = KeysOf(layer, block);
        keys.CopyTo(bytes);
        ValuesOf(layer, block).CopyTo(bytes[keys.Length..]);
    }

    /// <summary>Fills a layer's block from <paramref name="bytes"/>: (BlockBytes), keys before values.</summary>
    public void WriteBlock(int layer, int block, ReadOnlySpan<byte> bytes)
    {
        var keys = KeysOf(layer, block);
        bytes[..keys.Length].CopyTo(keys);
        bytes[keys.Length..].CopyTo(ValuesOf(layer, block));
    }

    /// <summary>Forgets all layers but some, whose numbers begin at 0 from then on; the others' memory goes back to the system.</summary>
    public void Keep(int first, int count)
    {
        _keys = KeysAt(first, 0, 0);
        _values = ValuesAt(first, 0, 0);
        _layers = count;
        ForgetAllBut(_keyPool, _keys, IndexOf(count, 0, 0) * KeyFormat.BlockBytes);
        ForgetAllBut(_valuePool, _values, IndexOf(count, 0, 0) * ValueFormat.BlockBytes);
    }

    /// <summary>Does a batch's operations, then makes room for its segments.</summary>
    public void Apply(StepBatch batch) => _table.Apply(batch);

    /// <summary>The blocks of a sequence, in the order of its tokens.</summary>
    public ReadOnlySpan<int> BlocksOf(long sequence) => _table.BlocksOf(sequence);

    /// <summary>One head's keys in a block.</summary>
    public byte* KeysAt(int layer, int block, int head) => _keys + (IndexOf(layer, block, head) * KeyFormat.BlockBytes);

    /// <summary>One head's values in a block.</summary>
    public byte* ValuesAt(int layer, int block, int head) => _values + (IndexOf(layer, block, head) * ValueFormat.BlockBytes);

    /// <summary>Stores the keys: (count, kvHeads, keyHeadSize) and values: (count, kvHeads, valueHeadSize) of tokens from a position on.</summary>
    public void Write(int layer, long sequence, int position, int count, float* keys, float* values)
    {
        var blocks = _table.BlocksOf(sequence);
        for (var head = 0; head < _kvHeads; head++)
        {
            for (var i = 0L; i < count; i++)
            {
                var (index, inBlock) = Math.DivRem(position + (int)i, _blockLength);
                var row = (i * _kvHeads) + head;
                KeyFormat.StoreColumn(keys + (row * KeyFormat.HeadSize), KeysAt(layer, blocks[index], head), inBlock);
                ValueFormat.StoreRow(values + (row * ValueFormat.HeadSize), ValuesAt(layer, blocks[index], head), inBlock);
            }
        }
    }

    /// <summary>The keys of one head for the first <paramref name="length"/> tokens: (length, keyHeadSize).</summary>
    public void ReadKeys(int layer, long sequence, int head, int length, float* destination)
    {
        var blocks = _table.BlocksOf(sequence);
        for (var i = 0; i < length; i++, destination += KeyFormat.HeadSize)
        {
            KeyFormat.LoadColumn(KeysAt(layer, blocks[i / _blockLength], head), i % _blockLength, destination);
        }
    }

    /// <summary>The values of one head for the first <paramref name="length"/> tokens: (length, valueHeadSize).</summary>
    public void ReadValues(int layer, long sequence, int head, int length, float* destination)
    {
        var blocks = _table.BlocksOf(sequence);
        for (var i = 0; i < length; i++, destination += ValueFormat.HeadSize)
        {
            ValueFormat.LoadRow(ValuesAt(layer, blocks[i / _blockLength], head), i % _blockLength, destination);
        }
    }

    public void Dispose()
    {
        _keyPool.Dispose();
        _valuePool.Dispose();
    }

    private static Int128 BytesPerHead(int headSize, KvType type) => type switch
    {
        KvType.F32 => (Int128)headSize * sizeof(float),
        KvType.Q8_0 => Q8Format.HeadBytes(headSize),
        _ => (Int128)headSize * sizeof(ushort),
    };

    private NativeBuffer Allocate(KvFormat format) => NativeBuffer.Allocate(
        checked((IndexOf(_layers, 0, 0) * format.BlockBytes) + KvFormat.Overread), zeroed: false, "the cache of keys and values");

    private long IndexOf(int layer, int block, int head) => ((((long)layer * _blockCount) + block) * _kvHeads) + head;

    private static void ForgetAllBut(NativeBuffer pool, byte* kept, long length)
    {
        var (start, end) = (kept - pool.Pointer, kept - pool.Pointer + length + KvFormat.Overread);
        pool.Forget(0, start);
        pool.Forget(end, pool.Length - end);
    }

    private Span<byte> KeysOf(int layer, int block)
    {
        RequireBlock(layer, block);
        return new(KeysAt(layer, block, 0), checked((int)(_kvHeads * KeyFormat.BlockBytes)));
    }

    private Span<byte> ValuesOf(int layer, int block)
    {
        RequireBlock(layer, block);
        return new(ValuesAt(layer, block, 0), checked((int)(_kvHeads * ValueFormat.BlockBytes)));
    }

    private void RequireBlock(int layer, int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)_layers);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)_blockCount);
    }

    private void CopyBlock(int source, int destination)
    {
        var (keys, values) = (KeyFormat.BlockBytes * _kvHeads, ValueFormat.BlockBytes * _kvHeads);
        for (var layer = 0; layer < _layers; layer++)
        {
            Buffer.MemoryCopy(KeysAt(layer, source, 0), KeysAt(layer, destination, 0), keys, keys);
            Buffer.MemoryCopy(ValuesAt(layer, source, 0), ValuesAt(layer, destination, 0), values, values);
        }
    }
}
