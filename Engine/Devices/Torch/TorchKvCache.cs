using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>
/// The keys and values of a stage's layers on a device, paged as <see cref="KvCache"/> is: a slot holds one token, and block b has
/// the slots from b * BlockLength on.
/// </summary>
internal sealed class TorchKvCache
{
    private readonly BlockTable _table;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly (Tensor Keys, Tensor Values)[] _layers; // each (slots, kvHeads, headSize)

    /// <param name="config">The model's shape.</param>
    /// <param name="layerCount">Layers of the stage.</param>
    /// <param name="options">Type and size.</param>
    /// <param name="owner">Keeps the memory.</param>
    /// <exception cref="EngineException"><c>invalid_value</c>: a type that no tensor has.</exception>
    public TorchKvCache(ModelConfig config, int layerCount, KvCacheOptions options, TorchWeights owner)
    {
        _device = owner.Device;
        _type = options.Type switch
        {
            KvType.F16 => ScalarType.Float16,
            KvType.F32 => ScalarType.Float32,
            _ => throw new EngineException("invalid_value", $"a torch device keeps keys and values as f16 or f32, not as {options.Type}"),
        };
        _table = new BlockTable(options.BlockCount, options.BlockLength, CopyBlock);
        var slots = (long)options.BlockCount * options.BlockLength;
        Tensor Allocate(int headSize) => owner.Keep(empty(slots, config.KvHeadCount, headSize, _type, _device));
        _layers = [.. Enumerable.Range(0, layerCount).Select(_ => (Allocate(config.KeyHeadSize), Allocate(config.ValueHeadSize)))];
    }

    /// <summary>Does a batch's operations, then makes room for its segments.</summary>
    public void Apply(StepBatch batch) => _table.Apply(batch);

    /// <summary>The slots of a segment's sequence up to the segment's last token: (positions), int64.</summary>
    public Tensor SlotsOf(Segment segment)
    {
        var blocks = _table.BlocksOf(segment.Sequence);
        var slots = new long[segment.FirstPosition + segment.TokenCount];
        for (var position = 0; position < slots.Length; position++)
        {
            var (block, inBlock) = Math.DivRem(position, _table.BlockLength);
            slots[position] = ((long)blocks[block] * _table.BlockLength) + inBlock;
        }

        return tensor(slots, device: _device);
    }

    /// <summary>Stores the keys and values of some tokens: (tokens, kvHeads, headSize).</summary>
    public void Write(int layer, Tensor slots, Tensor keys, Tensor values)
    {
        _layers[layer].Keys.index_copy_(0, slots, keys.to(_type));
        _layers[layer].Values.index_copy_(0, slots, values.to(_type));
    }

    /// <summary>The keys and the values in some slots, in f32: (kvHeads, slots, headSize).</summary>
    public (Tensor Keys, Tensor Values) Read(int layer, Tensor slots) =>
        (Gather(_layers[layer].Keys, slots), Gather(_layers[layer].Values, slots));

    private static Tensor Gather(Tensor pool, Tensor slots) => pool.index_select(0, slots).to(ScalarType.Float32).transpose(0, 1);

    private void CopyBlock(int source, int destination)
    {
        foreach (var (keys, values) in _layers)
        {
            foreach (var pool in (ReadOnlySpan<Tensor>)[keys, values])
            {
                using var from = pool.narrow(0, (long)source * _table.BlockLength, _table.BlockLength);
                using var to = pool.narrow(0, (long)destination * _table.BlockLength, _table.BlockLength);
                to.copy_(from);
            }
        }
    }
}
