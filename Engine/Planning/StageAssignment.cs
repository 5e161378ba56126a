using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>A stage of a plan.</summary>
/// <param name="NodeId">Who holds it.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Memory">What it takes of the node's memory.</param>
/// <param name="Free">What the node has free before that.</param>
public sealed record StageAssignment(string NodeId, LayerRange Layers, StageMemory Memory, long Free);
