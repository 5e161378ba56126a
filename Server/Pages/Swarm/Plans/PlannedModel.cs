using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Server.Pages.Swarm.Plans;

/// <summary>A model that this node was told to serve.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Options">How it is loaded.</param>
/// <param name="Settings">How it is spread over the swarm.</param>
internal sealed record PlannedModel(string Path, ModelOptions Options, HeadSettings Settings);
