namespace ManagedSwarm.Server.P2p.Workers;

/// <summary>A line about a worker's stages.</summary>
/// <param name="Text">What it says.</param>
/// <param name="IsProgress">Whether it is only about how far something is.</param>
internal sealed record HeldStagesLine(string Text, bool IsProgress);
