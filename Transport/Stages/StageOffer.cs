using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// What a head asks a worker for: to have some layers of its plan, or only their weights. Which of the stages they are, it says later, and
/// each time that the chain changes. <see cref="OfferRules"/> says what may stand in it.
/// </summary>
public sealed record StageOffer
{
    /// <summary>Sources that it may name, at most.</summary>
    public const int MaxSources = 64;

    public required PlanId Plan { get; init; }

    /// <summary>What users call the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>The model's identity: 64 hex digits.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The stage's layers.</summary>
    public required LayerRange Layers { get; init; }

    /// <summary>Layers of the whole model.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Floats per token between layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>What the weights are, for the loader: the transport does not look into it.</summary>
    public required ReadOnlyMemory<byte> Manifest { get; init; }

    public required KvCacheOptions KvCache { get; init; }

    public KernelKind Kernels { get; init; }

    public WireType Wire { get; init; }

    /// <summary>Tokens of one step, at most.</summary>
    public int TokensPerStep { get; init; } = 512;

    /// <summary>Steps that the stage takes in while it computes another; the head has no more in flight.</summary>
    public int QueuedSteps { get; init; } = 4;

    /// <summary>
    /// Tokens whose hidden states the stage remembers when it has sent them on, for a stage behind it that is lost; 0: none.
    /// </summary>
    public int LoggedTokens { get; init; }

    /// <summary>
    /// Whether the worker only fetches the layers' weights, for the day on which it is to have the layers: no stage is made, and no memory
    /// is taken.
    /// </summary>
    public bool IsStandby { get; init; }

    /// <summary>Who has the weights, beside the head.</summary>
    public IReadOnlyList<StagePeer> Sources { get; init; } = [];
}
