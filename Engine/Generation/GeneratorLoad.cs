namespace ManagedSwarm.Engine.Generation;

/// <summary>How busy a generator is.</summary>
/// <param name="Active">Requests that are being answered.</param>
/// <param name="Waiting">Requests that wait for room.</param>
public readonly record struct GeneratorLoad(int Active, int Waiting);
