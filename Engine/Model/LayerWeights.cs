using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>One layer's weights, by llama.cpp's tensor names.</summary>
internal sealed record LayerWeights(
    float[] AttentionNorm,
    WeightMatrix Query,
    WeightMatrix Key,
    WeightMatrix Value,
    WeightMatrix Output,
    float[] FeedForwardNorm,
    WeightMatrix Gate,
    WeightMatrix Up,
    WeightMatrix Down)
{
    public static LayerWeights Load(ModelWeights weights, int layer)
    {
        var config = weights.Config;
        WeightMatrix Matrix(string name, int rows, int columns) => WeightMatrix.Load(weights, $"blk.{layer}.{name}", rows, columns);
        float[] Norm(string name) => weights.ReadFloats(weights.Require($"blk.{layer}.{name}.weight", config.HiddenSize));
        return new LayerWeights(
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
