using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A stage that a worker holds for a head, or the weights of one.</summary>
/// <param name="Plan">What it is a part of.</param>
/// <param name="ModelName">What users call the model.</param>
/// <param name="ModelHash">The model's identity.</param>
/// <param name="Layers">Which of its layers.</param>
/// <param name="MemoryBytes">What it takes.</param>
/// <param name="Head">For whom.</param>
/// <param name="State">How far it is.</param>
/// <param name="Progress">How far its load has come.</param>
/// <param name="IsStandby">Whether there is no stage, and only its weights are kept.</param>
public sealed record HeldStage(
    PlanId Plan,
    string ModelName,
    string ModelHash,
    LayerRange Layers,
    long MemoryBytes,
    PeerId Head,
    StageState State,
    StageProgress Progress,
    bool IsStandby = false);
