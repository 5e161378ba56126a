using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>Writes models with random weights: well-formed files of any shape and type, that say nothing of sense.</summary>
public static class ModelGenerator
{
    /// <summary>Writes a model. Rows are made in parallel, some megabytes at a time.</summary>
    /// <exception cref="ArgumentException">There can be no such model.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ModelShape shape) => CreateWriter(shape).Save(path);

    /// <summary>Writes a model as the files of a split one, see <see cref="GgufWriter.SaveSplit"/>.</summary>
    /// <inheritdoc cref="Write"/>
    public static IReadOnlyList<string> WriteSplit(string prefix, ModelShape shape, long maxDataBytes) =>
        CreateWriter(shape).SaveSplit(prefix, maxDataBytes);

    private static GgufWriter CreateWriter(ModelShape shape)
    {
        shape.Validate();
        var writer = new GgufWriter();
        ModelMetadata.Add(writer, shape, "random weights, for tests and benchmarks", ByteFallbackVocabulary.Create(shape.VocabularySize));
        AddTensors(new RandomTensors(writer, shape), shape);
        return writer;
    }

    private static void AddTensors(RandomTensors tensors, ModelShape shape)
    {
        tensors.AddMatrix("token_embd.weight", shape.HiddenSize, shape.VocabularySize);
        if (shape.RopeFrequencies)
        {
            tensors.AddVector("rope_freqs.weight", RopeFrequencyFactors.Create(shape));
        }

        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            AddLayer(tensors, shape, $"blk.{layer}.");
        }

        tensors.AddOnes("output_norm.weight", shape.HiddenSize);
        if (!shape.TiedEmbeddings)
        {
            tensors.AddMatrix("output.weight", shape.HiddenSize, shape.VocabularySize);
        }
    }

    private static void AddLayer(RandomTensors tensors, ModelShape shape, string layer)
    {
        var (query, keyValue) = (shape.HeadCount * shape.HeadSize, shape.KvHeadCount * shape.HeadSize);
        tensors.AddOnes($"{layer}attn_norm.weight", shape.HiddenSize);
        foreach (var (name, rows) in new[] { ("attn_q", query), ("attn_k", keyValue), ("attn_v", keyValue) })
        {
            tensors.AddMatrix($"{layer}{name}.weight", shape.HiddenSize, rows);
            if (shape.Architecture == "qwen2")
            {
                tensors.AddRandomVector($"{layer}{name}.bias", rows);
            }
        }

        tensors.AddMatrix($"{layer}attn_output.weight", query, shape.HiddenSize);
        tensors.AddOnes($"{layer}ffn_norm.weight", shape.HiddenSize);
        tensors.AddMatrix($"{layer}ffn_gate.weight", shape.HiddenSize, shape.FeedForwardSize);
        tensors.AddMatrix($"{layer}ffn_up.weight", shape.HiddenSize, shape.FeedForwardSize);
        tensors.AddMatrix($"{layer}ffn_down.weight", shape.FeedForwardSize, shape.HiddenSize);
    }
}
