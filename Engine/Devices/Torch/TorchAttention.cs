using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Causal attention of one step's segments, each over its own sequence's cache. What no layer changes is made once.</summary>
internal sealed class TorchAttention
{
    private readonly ModelConfig _config;
    private readonly TorchKvCache _cache;
    private readonly TorchRotation _rotation;
    private readonly Part[] _parts;

    public TorchAttention(ModelConfig config, TorchKvCache cache, TorchRotation rotation, StepBatch batch, Device device)
    {
        (_config, _cache, _rotation) = (config, cache, rotation);
        _parts = new Part[batch.Segments.Length];
        var firstToken = 0L;
        for (var i = 0; i < _parts.Length; i++)
        {
            var segment = batch.Segments[i];
            var slots = cache.SlotsOf(segment);
            _parts[i] = new Part(
                firstToken,
                segment.TokenCount,
                slots,
                slots.narrow(0, segment.FirstPosition, segment.TokenCount),
                CreateMask(segment, device));
            firstToken += segment.TokenCount;
        }
    }

    /// <summary>Attention of a layer over its normalised input: (tokens, hiddenSize).</summary>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="layer">Its number within the stage, from 0.</param>
    /// <param name="inputs">(tokens, hiddenSize)</param>
    public Tensor Run(TorchLayer weights, int layer, Tensor inputs)
    {
        var queries = _rotation.Apply(Heads(weights.Query.Apply(inputs), _config.HeadCount, _config.KeyHeadSize));
        var keys = _rotation.Apply(Heads(weights.Key.Apply(inputs), _config.KvHeadCount, _config.KeyHeadSize));
        var values = Heads(weights.Value.Apply(inputs), _config.KvHeadCount, _config.ValueHeadSize);
        var results = Array.ConvertAll(_parts, part =>
        {
            Tensor Own(Tensor all) => all.narrow(0, part.FirstToken, part.TokenCount);
            _cache.Write(layer, part.NewSlots, Own(keys), Own(values));
            return Attend(layer, part, Own(queries));
        });
        return weights.Output.Apply(results.Length == 1 ? results[0] : cat(results, 0));
    }

    private static Tensor Heads(Tensor values, int heads, int headSize) => values.view(values.shape[0], heads, headSize);

    /// <summary>The query heads of a key head are treated as further queries, so that no key is repeated.</summary>
    /// <param name="layer">The layer within the stage.</param>
    /// <param name="part">The segment.</param>
    /// <param name="queries">(tokens, heads, keyHeadSize)</param>
    /// <returns>(tokens, heads * valueHeadSize)</returns>
    private Tensor Attend(int layer, Part part, Tensor queries)
    {
        var (kvHeads, group, tokens) = ((long)_config.KvHeadCount, (long)_config.HeadsPerKvHead, part.TokenCount);
        var grouped = queries
            .reshape(tokens, kvHeads, group, _config.KeyHeadSize)
            .permute(1, 2, 0, 3)
            .reshape(1, kvHeads, group * tokens, _config.KeyHeadSize);
        var (keys, values) = _cache.Read(layer, part.Slots);
        var attended = nn.functional.scaled_dot_product_attention(grouped, keys.unsqueeze(0), values.unsqueeze(0), part.Mask);
        return attended
            .reshape(kvHeads, group, tokens, _config.ValueHeadSize)
            .permute(2, 0, 1, 3)
            .reshape(tokens, (long)_config.HeadCount * _config.ValueHeadSize);
    }

    /// <summary>
    /// Who may see whom: (heads per kv head * tokens, positions), true for yes; none for a single token, which sees everything.
    /// Written out, because libtorch's own causal mask takes the first token for position 0.
    /// </summary>
    private Tensor? CreateMask(Segment segment, Device device)
    {
        if (segment.TokenCount == 1)
        {
            return null;
        }

        var positions = segment.FirstPosition + segment.TokenCount;
        return ones(segment.TokenCount, positions, ScalarType.Bool, device).tril(segment.FirstPosition).repeat(_config.HeadsPerKvHead, 1);
    }

    private sealed record Part(long FirstToken, long TokenCount, Tensor Slots, Tensor NewSlots, Tensor? Mask);
}
