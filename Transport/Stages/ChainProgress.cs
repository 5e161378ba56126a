using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>How far a stage is, as its head knows it.</summary>
/// <param name="Stage">Which of the chain.</param>
/// <param name="Node">What its worker is called.</param>
/// <param name="Layers">What it has.</param>
/// <param name="State">How far it is.</param>
/// <param name="Load">How far its load has come.</param>
public sealed record ChainProgress(int Stage, string Node, LayerRange Layers, StageState State, StageProgress Load);
