using ManagedSwarm.Engine;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Stages;

/// <summary>What is wrong, as it is told from node to node: never a stack.</summary>
/// <param name="Code">A stable, machine-readable name.</param>
/// <param name="Text">In one line.</param>
internal sealed record StageFault(string Code, string Text)
{
    /// <summary>An error's code and text; of one that is none of ours, what it is.</summary>
    public static StageFault Of(Exception exception) => exception switch
    {
        SwarmException error => new(error.Code, error.Message),
        EngineException error => new(error.Code, error.Message),
        GgufFormatException error => new("invalid_model", error.Message),
        OutOfMemoryException => new("out_of_memory", "there is not enough memory"),
        IOException error => new("io_error", error.Message),
        OperationCanceledException => new("timeout", "it took too long, or was given up"),
        _ => new("internal_error", $"{exception.GetType().Name}: {exception.Message}"),
    };

    public SwarmException ToException() => new(Code, Text);
}
