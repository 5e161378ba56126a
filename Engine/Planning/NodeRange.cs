using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>The layers that a node is to hold.</summary>
/// <param name="NodeId">By <see cref="NodeProfile.Id"/>.</param>
/// <param name="Layers">At least one.</param>
public readonly record struct NodeRange(string NodeId, LayerRange Layers);
