using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class ModelConfigTests
{
    private readonly Dictionary<string, object> _metadata = new()
    {
        ["general.architecture"] = "llama",
        ["llama.embedding_length"] = 64u,
        ["llama.block_count"] = 2u,
        ["llama.feed_forward_length"] = 128u,
        ["llama.context_length"] = 256u,
        ["llama.attention.head_count"] = 4u,
        ["llama.attention.layer_norm_rms_epsilon"] = 1e-5f,
        ["tokenizer.ggml.tokens"] = new[] { "<unk>", "<s>", "</s>" },
    };

    [Fact]
    public void Missing_keys_have_llama_cpps_defaults()
    {
        var config = Read();
        Assert.Equal(4, config.KvHeadCount);
        Assert.Equal(16, config.KeyHeadSize);
        Assert.Equal(16, config.ValueHeadSize);
        Assert.Equal(3, config.VocabularySize);
        Assert.Equal(16, config.Rope.DimensionCount);
        Assert.Equal(10000f, config.Rope.Base);
        Assert.Equal(1f, config.Rope.ScalingFactor);
        Assert.Equal(256, config.Rope.OriginalContextLength);
        Assert.Equal(RopeKind.Normal, config.Rope.Kind);
    }

    [Fact]
    public void Reads_what_is_there()
    {
        _metadata["llama.attention.head_count_kv"] = 2u;
        _metadata["llama.attention.key_length"] = 32u;
        _metadata["llama.attention.value_length"] = 24u;
        _metadata["llama.rope.freq_base"] = 500000f;
        _metadata["llama.rope.scaling.type"] = "yarn";
        _metadata["llama.rope.scaling.factor"] = 4f;
        _metadata["llama.rope.scaling.original_context_length"] = 64u;
        var config = Read();
        Assert.Equal((2, 32, 24), (config.KvHeadCount, config.KeyHeadSize, config.ValueHeadSize));
        Assert.Equal(2, config.HeadsPerKvHead);
        Assert.Equal((500000f, RopeScaling.Yarn, 4f, 64), (config.Rope.Base, config.Rope.Scaling, config.Rope.ScalingFactor, config.Rope.OriginalContextLength));
    }

    [Fact]
    public void Reads_the_finer_settings_of_yarn()
    {
        Assert.Equal((1f, 32f, 1f, 1f), Yarn(Read().Rope));
        _metadata["llama.rope.scaling.yarn_ext_factor"] = 0.5f;
        _metadata["llama.rope.scaling.yarn_beta_fast"] = 16f;
        _metadata["llama.rope.scaling.yarn_beta_slow"] = 2f;
        _metadata["llama.rope.scaling.attn_factor"] = 3f;
        _metadata["llama.rope.scaling.yarn_attn_factor"] = 0.5f;
        Assert.Equal((0.5f, 16f, 2f, 1.5f), Yarn(Read().Rope));

        static (float, float, float, float) Yarn(RopeConfig rope) =>
            (rope.YarnExtFactor, rope.YarnBetaFast, rope.YarnBetaSlow, rope.AttentionFactor);
    }

    [Fact]
    public void Qwen2_rotates_halves() => Assert.Equal(RopeKind.NeoX, ReadAs("qwen2").Rope.Kind);

    [Fact]
    public void Takes_numbers_per_layer_where_all_layers_agree()
    {
        _metadata["llama.attention.head_count_kv"] = new[] { 2, 2 };
        Assert.Equal(2, Read().KvHeadCount);
        _metadata["llama.attention.head_count_kv"] = new[] { 2, 4 };
        Assert.Equal("unsupported_model", Rejection().Code);
    }

    [Fact]
    public void An_unknown_architecture_names_the_supported_ones()
    {
        _metadata["general.architecture"] = "mamba";
        var error = Rejection();
        Assert.Equal("unsupported_architecture", error.Code);
        Assert.Contains("'mamba'", error.Message, StringComparison.Ordinal);
        Assert.Contains("llama, qwen2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_required_key_is_named()
    {
        _metadata.Remove("llama.block_count");
        var error = Assert.Throws<GgufFormatException>(Read);
        Assert.Contains("llama.block_count", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.attention.head_count", 0u, "invalid_model")]
    [InlineData("llama.block_count", 0u, "invalid_model")]
    [InlineData("llama.attention.head_count_kv", 3u, "invalid_model")]
    [InlineData("llama.attention.key_length", 1u << 30, "invalid_model")]
    [InlineData("llama.attention.value_length", 1u << 30, "invalid_model")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NaN, "invalid_model")]
    [InlineData("llama.rope.dimension_count", 15u, "invalid_model")]
    [InlineData("llama.rope.dimension_count", 18u, "invalid_model")]
    [InlineData("llama.rope.freq_base", 0f, "invalid_model")]
    [InlineData("llama.rope.freq_base", float.NaN, "invalid_model")]
    [InlineData("llama.rope.scaling.factor", -1f, "invalid_model")]
    [InlineData("llama.rope.scaling.type", "longrope", "unsupported_rope_scaling")]
    [InlineData("llama.expert_count", 8u, "unsupported_model")]
    public void Rejects_what_cannot_be(string key, object value, string code)
    {
        _metadata[key] = value;
        Assert.Equal(code, Rejection().Code);
    }

    private ModelConfig Read() => ModelConfig.FromMetadata(new GgufMetadata(_metadata));

    private ModelConfig ReadAs(string architecture)
    {
        var renamed = _metadata.ToDictionary(pair => pair.Key.Replace("llama.", $"{architecture}.", StringComparison.Ordinal), pair => pair.Value);
        renamed["general.architecture"] = architecture;
        return ModelConfig.FromMetadata(new GgufMetadata(renamed));
    }

    private EngineException Rejection() => Assert.Throws<EngineException>(Read);
}
