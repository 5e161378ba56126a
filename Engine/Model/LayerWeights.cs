using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>One layer's weights, by llama.cpp's tensor names.</summary>
/// <typeparam name="TMatrix">How matrices are kept.</typeparam>
internal sealed record LayerWeights<TMatrix>(
    float[] AttentionNorm,
    TMatrix Query,
    TMatrix Key,
    TMatrix Value,
    TMatrix Output,
    float[] FeedForwardNorm,
    TMatrix Gate,
    TMatrix Up,
    TMatrix Down)
{
    /// <summary>All matrices, in the order in which they are used.</summary>
    public IEnumerable<TMatrix> Matrices => [Query, Key, Value, Output, Gate, Up, Down];

    /// <summary>The same weights, with the matrices in another form.</summary>
    public LayerWeights<TOther> Convert<TOther>(Func<TMatrix, TOther> convert) => new(
        AttentionNorm,
        convert(Query),
        convert(Key),
        convert(Value),
        convert(Output),
        FeedForwardNorm,
        convert(Gate),
        convert(Up),
        convert(Down));
}

/// <summary>Finds layers in a file.</summary>
internal static class LayerWeights
{
    /// <summary>The weights of a layer, matrices as they lie in the file.</summary>
    public static LayerWeights<WeightMatrix> Load(ModelWeights weights, int layer)
    {
        var config = weights.Config;
        WeightMatrix Matrix(string name, int rows, int columns) => WeightMatrix.Load(weights, $"blk.{layer}.{name}", rows, columns);
        float[] Norm(string name) => weights.ReadFloats(weights.Require($"blk.{layer}.{name}.weight", config.HiddenSize));
        return new LayerWeights<WeightMatrix>(
            Norm("attn_norm"),
            Matrix("attn_q", config.HeadCount * config.KeyHeadSize, config.HiddenSize),
            Matrix("attn_k", config.KvHeadCount * config.KeyHeadSize, config.HiddenSize),
            Matrix("attn_v", config.KvHeadCount * config.ValueHeadSize, config.HiddenSize),
            Matrix("attn_output", config.HiddenSize, config.HeadCount * config.ValueHeadSize),
            Norm("ffn_norm"),
            Matrix("ffn_gate", config.FeedForwardSize, config.HiddenSize),
            Matrix("ffn_up", config.FeedForwardSize, config.HiddenSize),
            Matrix("ffn_down", config.HiddenSize, config.FeedForwardSize));
    }
}
