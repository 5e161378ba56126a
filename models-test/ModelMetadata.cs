using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>The metadata of a generated model.</summary>
internal static class ModelMetadata
{
    public static void Add(GgufWriter writer, ModelShape shape)
    {
        writer.Set("general.architecture", shape.Architecture);
        writer.Set("general.name", shape.Name);
        writer.Set("general.description", "random weights, for tests and benchmarks");
        writer.Set("general.file_type", FileType(shape));
        writer.Set("general.quantization_version", 2u);
        AddShape(writer, shape);
        AddTokenizer(writer, shape);
    }

    private static void AddShape(GgufWriter writer, ModelShape shape)
    {
        Set("vocab_size", (uint)shape.VocabularySize);
        Set("context_length", (uint)shape.ContextLength);
        Set("embedding_length", (uint)shape.HiddenSize);
        Set("block_count", (uint)shape.LayerCount);
        Set("feed_forward_length", (uint)shape.FeedForwardSize);
        Set("attention.head_count", (uint)shape.HeadCount);
        Set("attention.head_count_kv", (uint)shape.KvHeadCount);
        Set("attention.key_length", (uint)shape.HeadSize);
        Set("attention.value_length", (uint)shape.HeadSize);
        Set("attention.layer_norm_rms_epsilon", 1e-5f);
        Set("rope.dimension_count", (uint)shape.HeadSize);
        Set("rope.freq_base", shape.RopeBase);
        if (shape.RopeScaling is { } scaling)
        {
            Set("rope.scaling.type", scaling.Type);
            Set("rope.scaling.factor", scaling.Factor);
            Set("rope.scaling.original_context_length", (uint)scaling.OriginalContextLength);
        }

        void Set(string key, object value) => writer.Set($"{shape.Architecture}.{key}", value);
    }

    private static void AddTokenizer(GgufWriter writer, ModelShape shape)
    {
        var vocabulary = ByteFallbackVocabulary.Create(shape.VocabularySize);
        writer.Set("tokenizer.ggml.model", "llama");
        writer.Set("tokenizer.ggml.pre", "default");
        writer.Set("tokenizer.ggml.tokens", vocabulary.Tokens);
        writer.Set("tokenizer.ggml.scores", vocabulary.Scores);
        writer.Set("tokenizer.ggml.token_type", vocabulary.Types);
        writer.Set("tokenizer.ggml.bos_token_id", ByteFallbackVocabulary.BosToken);
        writer.Set("tokenizer.ggml.eos_token_id", ByteFallbackVocabulary.EosToken);
        writer.Set("tokenizer.ggml.unknown_token_id", ByteFallbackVocabulary.UnknownToken);
        writer.Set("tokenizer.ggml.add_bos_token", true);
        writer.Set("tokenizer.ggml.add_eos_token", false);
        if (shape.ChatTemplate is { } template)
        {
            writer.Set("tokenizer.chat_template", template);
        }
    }

    /// <summary>llama.cpp's <c>llama_ftype</c>: what most of the file is.</summary>
    private static uint FileType(ModelShape shape) => shape.Type switch
    {
        TensorType.F32 => 0,
        TensorType.F16 => 1,
        TensorType.Q4_0 => 2,
        TensorType.Q4_1 => 3,
        TensorType.Q8_0 => 7,
        TensorType.Q5_0 => 8,
        TensorType.Q5_1 => 9,
        TensorType.Q2_K => 10,
        TensorType.Q3_K => 12,
        TensorType.Q4_K => shape.Mixed ? 15u : 14u,
        TensorType.Q5_K => shape.Mixed ? 17u : 16u,
        TensorType.Q6_K => 18,
        TensorType.IQ4_NL => 25,
        TensorType.IQ4_XS => 30,
        TensorType.BF16 => 32,
        _ => throw new ArgumentException($"Type is {shape.Type}, which no file has"),
    };
}
