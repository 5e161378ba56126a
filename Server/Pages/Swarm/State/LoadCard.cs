namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>A load that is under way.</summary>
/// <param name="What">Of what: a model, and which of its layers.</param>
/// <param name="Text">How far, how fast and how long it will take, in words.</param>
/// <param name="Percent">Null: it cannot be told.</param>
public sealed record LoadCard(string What, string Text, int? Percent);
