using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A model, or consecutive layers of it, over workers.</summary>
public sealed record ChainPlan
{
    public PlanId Id { get; init; } = PlanId.Create();

    public int Epoch { get; init; }

    /// <summary>What users call the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>The model's identity: 64 hex digits.</summary>
    public required string ModelHash { get; init; }

    /// <summary>Layers of the whole model.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Floats per token between layers.</summary>
    public required int HiddenSize { get; init; }

    public required KvCacheOptions KvCache { get; init; }

    public KernelKind Kernels { get; init; }

    public WireType Wire { get; init; }

    /// <summary>Tokens of one step, at most.</summary>
    public int TokensPerStep { get; init; } = 512;

    /// <summary>
    /// Tokens whose hidden states each stage, and the head, remember when they have sent them on: so that a lost stage can be made again.
    /// </summary>
    public int LoggedTokens { get; init; }

    /// <summary>What decides the last bits at the head; null: it computes no layers.</summary>
    public NumericIdentity? Numerics { get; init; }

    /// <summary>In order; each begins where the one before ends.</summary>
    public required IReadOnlyList<StageAssignment> Stages { get; init; }
}
