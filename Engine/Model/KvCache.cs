using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Model;

/// <summary>
/// The keys and values of a stage's layers for all its sequences, in blocks from one pool that is allocated once.
/// Layout, for keys and values each: (layer, block, kvHead, position in block, headSize).
/// </summary>
internal sealed unsafe class KvCache : IDisposable
{
    private readonly KvCacheOptions _options;
    private readonly int _blockCount;
    private readonly int _kvHeads;
    private readonly int _elementBytes;
    private readonly int _layers;
    private readonly BlockTable _table;
    private Plane _keys;
    private Plane _values;

    public KvCache(ModelConfig config, int layerCount, KvCacheOptions options)
    {
        _options = options;
        _layers = layerCount;
        _kvHeads = config.KvHeadCount;
        _elementBytes = options.Type == KvType.F32 ? sizeof(float) : sizeof(ushort);
        _blockCount = options.BlockCount;
        _table = new BlockTable(_blockCount, options.BlockLength, CopyBlock);
        try
        {
            _keys = Allocate(config.KeyHeadSize);
            _values = Allocate(config.ValueHeadSize);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The bytes that keys and values of one token take over <paramref name="layerCount"/> layers.</summary>
    public static Int128 BytesPerToken(ModelConfig config, int layerCount, KvType type) =>
        (Int128)layerCount * config.KvHeadCount * ((long)config.KeyHeadSize + config.ValueHeadSize) * (type == KvType.F32 ? sizeof(float) : sizeof(ushort));

    /// <summary>Does a batch's operations, then makes room for its segments.</summary>
    public void Apply(StepBatch batch) => _table.Apply(batch);

    /// <summary>Stores one token's keys: (kvHeads, keyHeadSize) and values: (kvHeads, valueHeadSize).</summary>
    public void Write(int layer, long sequence, int position, float* keys, float* values)
    {
        var block = _table.BlocksOf(sequence)[position / _options.BlockLength];
        var inBlock = position % _options.BlockLength;
        for (var head = 0; head < _kvHeads; head++)
        {
            Store(keys + (head * _keys.HeadSize), AddressOf(_keys, layer, block, head, inBlock), _keys.HeadSize);
            Store(values + (head * _values.HeadSize), AddressOf(_values, layer, block, head, inBlock), _values.HeadSize);
        }
    }

    /// <summary>The keys of one head for the first <paramref name="length"/> tokens: (length, keyHeadSize).</summary>
    public void ReadKeys(int layer, long sequence, int head, int length, float* destination) => Read(_keys, layer, sequence, head, length, destination);

    /// <summary>The values of one head for the first <paramref name="length"/> tokens: (length, valueHeadSize).</summary>
    public void ReadValues(int layer, long sequence, int head, int length, float* destination) => Read(_values, layer, sequence, head, length, destination);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_keys.Data);
        NativeMemory.AlignedFree(_values.Data);
        (_keys, _values) = (default, default);
    }

    private void Read(Plane plane, int layer, long sequence, int head, int length, float* destination)
    {
        var blocks = _table.BlocksOf(sequence);
        for (var start = 0; start < length; start += _options.BlockLength)
        {
            var count = Math.Min(_options.BlockLength, length - start) * plane.HeadSize;
            Load(AddressOf(plane, layer, blocks[start / _options.BlockLength], head, 0), destination + ((long)start * plane.HeadSize), count);
        }
    }

    private Plane Allocate(int headSize)
    {
        var bytes = checked((nuint)_layers * (nuint)_blockCount * (nuint)_kvHeads * (nuint)_options.BlockLength * (nuint)headSize * (nuint)_elementBytes);
        return new Plane((byte*)NativeMemory.AlignedAlloc(bytes, 64), headSize);
    }

    private byte* AddressOf(Plane plane, int layer, int block, int head, int inBlock) =>
        plane.Data + (((((((long)layer * _blockCount) + block) * _kvHeads) + head) * _options.BlockLength) + inBlock) * plane.HeadSize * _elementBytes;

    private void CopyBlock(int source, int destination)
    {
        foreach (var plane in (ReadOnlySpan<Plane>)[_keys, _values])
        {
            var bytes = (long)_kvHeads * _options.BlockLength * plane.HeadSize * _elementBytes;
            for (var layer = 0; layer < _layers; layer++)
            {
                Buffer.MemoryCopy(AddressOf(plane, layer, source, 0, 0), AddressOf(plane, layer, destination, 0, 0), bytes, bytes);
            }
        }
    }

    private void Store(float* source, byte* destination, int count)
    {
        if (_options.Type == KvType.F32)
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
        }
        else
        {
            HalfConversion.ToHalf(source, (Half*)destination, count);
        }
    }

    private void Load(byte* source, float* destination, int count)
    {
        if (_options.Type == KvType.F32)
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
        }
        else
        {
            HalfConversion.ToSingle((Half*)source, destination, count);
        }
    }

    private readonly record struct Plane
    {
        private readonly nint _data;

        public Plane(byte* data, int headSize) => (_data, HeadSize) = ((nint)data, headSize);

        public byte* Data => (byte*)_data;

        public int HeadSize { get; }
    }
}
