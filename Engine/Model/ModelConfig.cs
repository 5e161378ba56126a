using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>A model's shape, read from the metadata. Immutable.</summary>
public sealed record ModelConfig
{
    /// <summary><c>general.architecture</c>: llama or qwen2.</summary>
    public required string Architecture { get; init; }

    /// <summary><c>general.name</c>, if it has one.</summary>
    public string? Name { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Size of the hidden state (llama.cpp's n_embd).</summary>
    public required int HiddenSize { get; init; }

    public required int LayerCount { get; init; }

    /// <summary>Query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>Size of a query or key head; need not be HiddenSize / HeadCount.</summary>
    public required int KeyHeadSize { get; init; }

    /// <summary>Size of a value head.</summary>
    public required int ValueHeadSize { get; init; }

    public required int FeedForwardSize { get; init; }

    /// <summary>The context that the file claims, in tokens.</summary>
    public required int ContextLength { get; init; }

    public required float RmsEpsilon { get; init; }

    public required RopeConfig Rope { get; init; }

    /// <summary>Query heads that share one key and value head (grouped-query attention, arXiv 2305.13245).</summary>
    public int HeadsPerKvHead => HeadCount / KvHeadCount;

    /// <summary>Reads the shape of a model, with llama.cpp's defaults for missing keys.</summary>
    /// <exception cref="EngineException">
    /// <c>unsupported_architecture</c>, <c>unsupported_model</c>, <c>unsupported_rope_scaling</c>, <c>invalid_model</c>.
    /// </exception>
    /// <exception cref="GgufFormatException">A required key is missing or of another type.</exception>
    public static ModelConfig FromMetadata(GgufMetadata metadata) => ModelConfigReader.Read(metadata);
}
