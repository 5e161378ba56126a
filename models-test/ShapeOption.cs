using System.CommandLine;

namespace ManagedSwarm.ModelsTest;

/// <summary>An option of the command line that changes one thing of a shape.</summary>
/// <param name="Option">How it is written.</param>
/// <param name="Apply">What it does, where it was given.</param>
internal sealed record ShapeOption(Option Option, Func<ParseResult, ModelShape, ModelShape> Apply)
{
    /// <summary>A new set of all options.</summary>
    public static IReadOnlyList<ShapeOption> CreateAll() =>
    [
        Of<string>("--name", "general.name", (shape, value) => shape with { Name = value }),
        Of<string>("--architecture", "llama or qwen2", (shape, value) => shape with { Architecture = value }),
        Of<string>("--type", "Type of the matrices: F16, Q8_0, Q4_K, …; Q4_K_M for Q4_K with some Q6_K", WithType),
        Of<int>("--hidden", "Size of the hidden state", (shape, value) => shape with { HiddenSize = value }),
        Of<int>("--layers", "Number of layers", (shape, value) => shape with { LayerCount = value }),
        Of<int>("--heads", "Number of query heads", (shape, value) => shape with { HeadCount = value }),
        Of<int>("--kv-heads", "Number of key and value heads", (shape, value) => shape with { KvHeadCount = value }),
        Of<int>("--head-size", "Size of a head", (shape, value) => shape with { HeadSize = value }),
        Of<int>("--ffn", "Size of the feed-forward network", (shape, value) => shape with { FeedForwardSize = value }),
        Of<int>("--vocabulary", "Number of tokens", (shape, value) => shape with { VocabularySize = value }),
        Of<int>("--context", "Tokens of context", (shape, value) => shape with { ContextLength = value }),
        Of<float>("--rope-base", "Base of the rotary frequencies", (shape, value) => shape with { RopeBase = value }),
        Of<string>("--rope-scaling", "linear or yarn, by 2, from half of the context", WithRopeScaling),
        Of<bool>("--rope-freqs", "Add the factors of Llama 3.1", (shape, value) => shape with { RopeFrequencies = value }),
        Of<bool>("--tied", "The embedding is the output matrix too", (shape, value) => shape with { TiedEmbeddings = value }),
        Of<float>("--scale", "Standard deviation of the weights", (shape, value) => shape with { WeightScale = value }),
        Of<ulong>("--seed", "Seed of the weights", (shape, value) => shape with { Seed = value }),
    ];

    private static ShapeOption Of<T>(string name, string description, Func<ModelShape, T, ModelShape> apply)
    {
        var option = new Option<T>(name) { Description = description };
        return new ShapeOption(
            option,
            (parsed, shape) => parsed.GetResult(option) is { Implicit: false } ? apply(shape, parsed.GetValue(option)!) : shape);
    }

    private static ModelShape WithType(ModelShape shape, string name)
    {
        const string MixedSuffix = "_K_M";
        var isMixed = name.EndsWith(MixedSuffix, StringComparison.Ordinal);
        var typeName = isMixed ? name[..^2] : name;
        return Enum.GetNames<Gguf.TensorType>().Contains(typeName)
            ? shape with { Type = Enum.Parse<Gguf.TensorType>(typeName), Mixed = isMixed }
            : throw new ArgumentException($"--type is {name}, allowed are {string.Join(' ', Enum.GetNames<Gguf.TensorType>())} and Q4_K_M");
    }

    private static ModelShape WithRopeScaling(ModelShape shape, string type) =>
        shape with { RopeScaling = new RopeScalingShape(type, 2, shape.ContextLength / 2) };
}
