using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Stages;

/// <summary>What a model's stages are made from.</summary>
public sealed record StageRequest
{
    /// <summary>The open model file; it outlives the stages.</summary>
    public required GgufFile File { get; init; }

    /// <summary>What is in the file.</summary>
    public required ModelWeights Weights { get; init; }

    /// <summary>How the user wants the model to be run on this machine.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>The KV cache of every stage.</summary>
    public required KvCacheOptions KvCache { get; init; }

    /// <summary>Tokens of context per request.</summary>
    public required int ContextLength { get; init; }
}
