namespace ManagedSwarm.Transport.Membership;

/// <summary>How busy a node is.</summary>
/// <param name="InFlight">Requests that are being answered.</param>
/// <param name="Queued">Requests that wait.</param>
public sealed record NodeLoad(int InFlight, int Queued);
