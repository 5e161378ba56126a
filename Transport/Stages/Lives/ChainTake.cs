using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>Layers whose keys and values a stage takes from another one, which had them before.</summary>
/// <param name="Giver">Who had them.</param>
/// <param name="Index">Which of the chain's stages it was then.</param>
/// <param name="Layers">Which layers.</param>
internal sealed record ChainTake(ChainStage Giver, int Index, LayerRange Layers);
