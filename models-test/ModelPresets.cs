namespace ManagedSwarm.ModelsTest;

/// <summary>Shapes that have a name.</summary>
public static class ModelPresets
{
    /// <summary>The model that ships: small enough for the repository, of every kind of tensor that a real one has.</summary>
    public static ModelShape Tiny { get; } = new()
    {
        // Large enough that some tokens are much likelier than others.
        WeightScale = 0.2f,
        ChatTemplate = "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}</s>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
    };

    /// <summary>The benchmark shape: 1.1 billion parameters, much like Llama 3.2 1B with a smaller vocabulary.</summary>
    public static ModelShape Bench { get; } = new()
    {
        Name = "bench-1.1b",
        HiddenSize = 2048,
        LayerCount = 16,
        HeadCount = 32,
        KvHeadCount = 8,
        HeadSize = 64,
        FeedForwardSize = 8192,
        VocabularySize = 32000,
        ContextLength = 8192,
        RopeBase = 500000f,
        ChatTemplate = Tiny.ChatTemplate,
    };
}
