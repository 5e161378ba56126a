using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>The metadata of a generated model.</summary>
internal static class ModelMetadata
{
    /// <summary>Adds the metadata.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="shape">The model.</param>
    /// <param name="description"><c>general.description</c>.</param>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="addSpacePrefix">See <see cref="VocabularyTable.ToMetadata"/>.</param>
    public static void Add(GgufWriter writer, ModelShape shape, string description, VocabularyTable vocabulary, bool addSpacePrefix = true)
    {
        writer.Set("general.architecture", shape.Architecture);
        writer.Set("general.name", shape.Name);
        writer.Set("general.description", description);
        writer.Set("general.file_type", FileType(shape));
        writer.Set("general.quantization_version", 2u);
        AddShape(writer, shape);
        foreach (var (key, value) in vocabulary.ToMetadata(addSpacePrefix))
        {
            writer.Set(key, value);
        }

        if (shape.ChatTemplate is { } template)
        {
            writer.Set("tokenizer.chat_template", template);
        }
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
