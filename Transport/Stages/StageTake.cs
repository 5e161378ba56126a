using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>Layers whose keys and values a stage takes from another one of its plan.</summary>
/// <param name="From">Whose worker has them.</param>
/// <param name="Epoch">The last one in which that stage had its place.</param>
/// <param name="Stage">Which one it was then.</param>
/// <param name="Layers">Which layers: all are among the taker's.</param>
internal sealed record StageTake(StagePeer From, int Epoch, int Stage, LayerRange Layers);
