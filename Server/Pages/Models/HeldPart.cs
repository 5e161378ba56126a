namespace ManagedSwarm.Server.Pages.Models;

/// <summary>What this node has of another node's model.</summary>
/// <param name="Model">What it is called.</param>
/// <param name="Layers">Such as <c>0..7</c>.</param>
/// <param name="MemoryBytes">What it takes.</param>
/// <param name="Head">For whom: a node's name.</param>
/// <param name="State">In words.</param>
/// <param name="Share">How far its load has come, 0 to 1; null: it is loaded.</param>
internal sealed record HeldPart(string Model, string Layers, long MemoryBytes, string Head, string State, double? Share);
