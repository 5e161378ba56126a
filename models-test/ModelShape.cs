using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>What a generated model looks like. The defaults are those of the tiny model.</summary>
public sealed record ModelShape
{
    /// <summary><c>general.name</c>.</summary>
    public string Name { get; init; } = "tiny";

    /// <summary>llama, or qwen2 (which has biases of query, key and value).</summary>
    public string Architecture { get; init; } = "llama";

    public int HiddenSize { get; init; } = 64;

    public int LayerCount { get; init; } = 2;

    /// <summary>Query heads.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>Key and value heads; divides <see cref="HeadCount"/>.</summary>
    public int KvHeadCount { get; init; } = 2;

    /// <summary>Size of a head; even, need not be HiddenSize / HeadCount.</summary>
    public int HeadSize { get; init; } = 16;

    public int FeedForwardSize { get; init; } = 128;

    /// <summary>At least the three control and 256 byte tokens.</summary>
    public int VocabularySize { get; init; } = 512;

    /// <summary>In tokens.</summary>
    public int ContextLength { get; init; } = 2048;

    public float RopeBase { get; init; } = 10000f;

    /// <summary>How the context is extended, if it is.</summary>
    public RopeScalingShape? RopeScaling { get; init; }

    /// <summary>Whether there is a <c>rope_freqs.weight</c> with the factors of Llama 3.1.</summary>
    public bool RopeFrequencies { get; init; }

    /// <summary>Whether the embedding is the output matrix too, so that the file has no <c>output.weight</c>.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>
    /// Type of the matrices; vectors are F32. Where a row is not a whole number of blocks, Q8_0 stands in, or F16.
    /// </summary>
    public TensorType Type { get; init; } = TensorType.F16;

    /// <summary>Whether the more sensitive matrices are Q6_K, those that llama.cpp's Q4_K_M has so.</summary>
    public bool Mixed { get; init; }

    /// <summary>Types that differ, by name with the layer (<c>blk.0.ffn_down.weight</c>) or without (<c>ffn_down.weight</c>).</summary>
    public IReadOnlyDictionary<string, TensorType> TypeOverrides { get; init; } = new Dictionary<string, TensorType>();

    /// <summary>Standard deviation of the weights.</summary>
    public float WeightScale { get; init; } = 0.02f;

    /// <summary>The same shape and seed give the same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary><c>tokenizer.chat_template</c>, if it has one.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Refuses what no model can be.</summary>
    /// <exception cref="ArgumentException">Says which property, and what is allowed.</exception>
    public void Validate()
    {
        Require(Architecture is "llama" or "qwen2", $"Architecture is {Architecture}, allowed are llama and qwen2");
        int[] sizes = [HiddenSize, LayerCount, HeadCount, KvHeadCount, HeadSize, FeedForwardSize, ContextLength];
        Require(sizes.All(size => size > 0), "sizes and counts must be positive");
        Require(HeadCount % KvHeadCount == 0, $"KvHeadCount is {KvHeadCount}, which does not divide HeadCount, {HeadCount}");
        Require(HeadSize % 2 == 0, $"HeadSize is {HeadSize}, it must be even");
        Require(
            VocabularySize is >= ByteFallbackVocabulary.MinSize and <= ByteFallbackVocabulary.MaxSize,
            $"VocabularySize is {VocabularySize}, allowed are {ByteFallbackVocabulary.MinSize} to {ByteFallbackVocabulary.MaxSize}");
        Require(float.IsFinite(WeightScale) && WeightScale >= 0, $"WeightScale is {WeightScale}, it must not be negative");
        Require(
            RopeScaling is null or { Type: "linear" or "yarn", Factor: > 0, OriginalContextLength: > 0 },
            "RopeScaling needs the type linear or yarn, and a positive factor and context");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
