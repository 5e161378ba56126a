using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>Reads a <see cref="ModelConfig"/> from GGUF metadata, with llama.cpp's defaults for missing keys.</summary>
internal static class ModelConfigReader
{
    private static readonly Dictionary<string, RopeKind> SupportedArchitectures = new()
    {
        ["llama"] = RopeKind.Normal,
        ["qwen2"] = RopeKind.NeoX,
    };

    public static ModelConfig Read(GgufMetadata metadata)
    {
        var architecture = metadata.Get<string>("general.architecture");
        if (!SupportedArchitectures.TryGetValue(architecture, out var ropeKind))
        {
            throw new EngineException(
                "unsupported_architecture",
                $"architecture '{architecture}' is not supported; supported are {string.Join(", ", SupportedArchitectures.Keys)}");
        }

        RefuseExperts(metadata, architecture);
        var config = ReadShape(metadata, architecture, ropeKind);
        Validate(config);
        return config;
    }

    private static ModelConfig ReadShape(GgufMetadata metadata, string architecture, RopeKind ropeKind)
    {
        string Key(string name) => $"{architecture}.{name}";
        var hidden = metadata.Get<int>(Key("embedding_length"));
        var heads = UniformInteger(metadata, Key("attention.head_count"), null);
        RequirePositive(Key("attention.head_count"), heads);
        var keyHeadSize = metadata.Get(Key("attention.key_length"), hidden / heads);
        return new ModelConfig
        {
            Architecture = architecture,
            Name = metadata.TryGet<string>("general.name", out var name) ? name : null,
            VocabularySize = VocabularySize(metadata, Key("vocab_size")),
            HiddenSize = hidden,
            LayerCount = metadata.Get<int>(Key("block_count")),
            HeadCount = heads,
            KvHeadCount = UniformInteger(metadata, Key("attention.head_count_kv"), heads),
            KeyHeadSize = keyHeadSize,
            ValueHeadSize = metadata.Get(Key("attention.value_length"), hidden / heads),
            FeedForwardSize = UniformInteger(metadata, Key("feed_forward_length"), null),
            ContextLength = metadata.Get<int>(Key("context_length")),
            RmsEpsilon = metadata.Get<float>(Key("attention.layer_norm_rms_epsilon")),
            Rope = ReadRope(metadata, Key, ropeKind, keyHeadSize),
        };
    }

    private static RopeConfig ReadRope(GgufMetadata metadata, Func<string, string> key, RopeKind kind, int keyHeadSize)
    {
        // Older files have only scale_linear; 0 means not scaled.
        var factor = metadata.Get(key("rope.scaling.factor"), metadata.Get(key("rope.scale_linear"), 0f));

        // llama.cpp's "as the scaling type has it" is any negative number.
        var extrapolation = metadata.Get(key("rope.scaling.yarn_ext_factor"), -1f);
        return new RopeConfig
        {
            Kind = kind,
            DimensionCount = metadata.Get(key("rope.dimension_count"), keyHeadSize),
            Base = metadata.Get(key("rope.freq_base"), 10000f),
            Scaling = ReadScaling(metadata, key("rope.scaling.type")),
            ScalingFactor = factor == 0 ? 1 : factor,
            OriginalContextLength = metadata.Get(key("rope.scaling.original_context_length"), metadata.Get<int>(key("context_length"))),
            AttentionFactor = metadata.Get(key("rope.scaling.attn_factor"), 1f) * metadata.Get(key("rope.scaling.yarn_attn_factor"), 1f),
            YarnExtFactor = extrapolation < 0 ? 1 : extrapolation,
            YarnBetaFast = metadata.Get(key("rope.scaling.yarn_beta_fast"), 32f),
            YarnBetaSlow = metadata.Get(key("rope.scaling.yarn_beta_slow"), 1f),
        };
    }

    private static RopeScaling ReadScaling(GgufMetadata metadata, string key)
    {
        // llama.cpp's default is linear, which does nothing at factor 1.
        var name = metadata.Get(key, "linear");
        return name switch
        {
            "none" => RopeScaling.None,
            "linear" => RopeScaling.Linear,
            "yarn" => RopeScaling.Yarn,
            _ => throw new EngineException("unsupported_rope_scaling", $"{key} is '{name}'; supported are none, linear, yarn"),
        };
    }

    private static int VocabularySize(GgufMetadata metadata, string key)
    {
        if (metadata.TryGetArray<string>("tokenizer.ggml.tokens", out var tokens))
        {
            return tokens.Length;
        }

        return metadata.Get<int>(key);
    }

    /// <summary>A number that may also be given per layer, as long as all layers agree.</summary>
    private static int UniformInteger(GgufMetadata metadata, string key, int? fallback)
    {
        if (metadata.TryGetValue(key, out var value) && value is Array)
        {
            var perLayer = metadata.GetArray<int>(key);
            if (perLayer.Length == 0 || perLayer.Distinct().Count() > 1)
            {
                throw new EngineException("unsupported_model", $"{key} differs from layer to layer; only uniform layers are supported");
            }

            return perLayer[0];
        }

        return fallback is { } number ? metadata.Get(key, number) : metadata.Get<int>(key);
    }

    private static void RefuseExperts(GgufMetadata metadata, string architecture)
    {
        var key = $"{architecture}.expert_count";
        var experts = metadata.Get(key, 0);
        if (experts != 0)
        {
            throw new EngineException("unsupported_model", $"{key} is {experts}: mixtures of experts are not supported, only dense models");
        }
    }

    private static void Validate(ModelConfig config)
    {
        RequirePositive("embedding_length", config.HiddenSize);
        RequirePositive("block_count", config.LayerCount);
        RequirePositive("attention.head_count_kv", config.KvHeadCount);
        RequirePositive("attention.key_length", config.KeyHeadSize);
        RequirePositive("attention.value_length", config.ValueHeadSize);
        RequirePositive("feed_forward_length", config.FeedForwardSize);
        RequirePositive("context_length", config.ContextLength);
        RequirePositive("vocab_size", config.VocabularySize);
        RequireCountable("queries", config.HeadCount, config.KeyHeadSize);
        RequireCountable("attention results", config.HeadCount, config.ValueHeadSize);
        Require(config.HeadCount % config.KvHeadCount == 0, $"head_count {config.HeadCount} is not a multiple of head_count_kv {config.KvHeadCount}");
        var rope = config.Rope;
        Require(
            rope.DimensionCount > 0 && rope.DimensionCount % 2 == 0 && rope.DimensionCount <= config.KeyHeadSize,
            $"rope.dimension_count is {rope.DimensionCount}; allowed is an even number up to the head size {config.KeyHeadSize}");
        Require(float.IsFinite(rope.Base) && rope.Base > 0, $"rope.freq_base is {rope.Base}; allowed is a positive number");
        Require(float.IsFinite(rope.ScalingFactor) && rope.ScalingFactor > 0, $"rope.scaling.factor is {rope.ScalingFactor}; allowed is a positive number");
        Require(rope.OriginalContextLength > 0, $"rope.scaling.original_context_length is {rope.OriginalContextLength}; allowed is a positive number");
        Require(config.RmsEpsilon >= 0 && config.RmsEpsilon < 1, $"layer_norm_rms_epsilon is {config.RmsEpsilon}; allowed is 0 to 1");
    }

    /// <summary>Kernels count a token's floats in 32 bits: a product that wraps would pass for a small matrix, and be written over.</summary>
    private static void RequireCountable(string what, int heads, int headSize) => Require(
        (long)heads * headSize <= int.MaxValue, $"a token's {what} are {heads} heads of {headSize} floats; allowed are {int.MaxValue} floats in all");

    private static void RequirePositive(string key, int value) => Require(value > 0, $"{key} is {value}; allowed is a positive number");

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new EngineException("invalid_model", message);
        }
    }
}
