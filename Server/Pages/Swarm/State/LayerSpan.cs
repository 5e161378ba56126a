namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>Layers of a model that a node holds.</summary>
/// <param name="Model">What the model is called.</param>
/// <param name="First">The first one.</param>
/// <param name="End">The layer behind the last one.</param>
/// <param name="Count">All of the model's, as far as the swarm shows them.</param>
public sealed record LayerSpan(string Model, int First, int End, int Count);
