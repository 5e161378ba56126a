using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>One stage of a plan: who has which layers.</summary>
public sealed record StageAssignment
{
    /// <summary>The worker.</summary>
    public required StagePeer Worker { get; init; }

    /// <summary>What users call it.</summary>
    public required string Node { get; init; }

    public required LayerRange Layers { get; init; }

    /// <summary>What the weights are, for the worker's loader.</summary>
    public ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>Who has the weights.</summary>
    public IReadOnlyList<StagePeer> Sources { get; init; } = [];
}
