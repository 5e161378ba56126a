using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Drills;

/// <summary>What is drilled.</summary>
internal sealed record DrillPlan
{
    /// <summary>A GGUF file.</summary>
    public required string Model { get; init; }

    /// <summary>The model's.</summary>
    public required int LayerCount { get; init; }

    /// <summary>The model's.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Workers with a stage each.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Further workers, which hold nothing.</summary>
    public int Spares { get; init; }

    /// <summary>Whether workers read the model's file themselves; else they fetch their layers.</summary>
    public bool HaveFile { get; init; }

    /// <summary>Threads of each node.</summary>
    public int Threads { get; init; } = 1;

    public int PromptTokens { get; init; } = 64;

    public int ReplyTokens { get; init; } = 100;

    /// <summary>Of the prompt and of the sampling.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How often all actions are done.</summary>
    public int Rounds { get; init; } = 1;

    public IReadOnlyList<DrillAction> Actions { get; init; } = [];

    /// <summary>The layers of each stage, as <c>--layers</c> takes them.</summary>
    public IReadOnlyList<string> Ranges =>
        [.. Enumerable.Range(0, Workers).Select(stage => $"{FirstOf(stage)}..{FirstOf(stage + 1) - 1}")];

    /// <summary>The request of all replies.</summary>
    public DrillRequest Request => DrillRequest.Random(PromptTokens, ReplyTokens, Seed, VocabularySize);

    /// <summary>A plan for a model, of which only the metadata are read.</summary>
    /// <exception cref="StartException">It cannot be read.</exception>
    public static DrillPlan For(string model)
    {
        try
        {
            using var file = GgufFile.Open(model);
            var config = ModelConfig.FromMetadata(file.Metadata);
            return new() { Model = Path.GetFullPath(model), LayerCount = config.LayerCount, VocabularySize = config.VocabularySize };
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException)
        {
            var message = exception.Message.Contains(model, StringComparison.Ordinal) ? exception.Message : $"{model}: {exception.Message}";
            throw new StartException(message, exception);
        }
    }

    /// <summary>The first layer of a stage, the first of which is 0 here.</summary>
    public int FirstOf(int stage) => LayerCount * stage / Workers;
}
