using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A model that is to be spread over the swarm.</summary>
/// <param name="Stages">What its stages are made from.</param>
/// <param name="Name">What users call it.</param>
/// <param name="Shape">What it takes.</param>
internal sealed record SplitRequest(StageRequest Stages, string Name, ModelShape Shape);
