namespace ManagedSwarm.Transport.Membership;

/// <summary>How busy a node is.</summary>
/// <param name="InFlight">Requests that are being answered.</param>
/// <param name="Queued">Requests that wait.</param>
public sealed record NodeLoad(int InFlight, int Queued)
{
    /// <summary>Tokens per second that all its replies have together while it is busy, as it has measured lately; 0: not known.</summary>
    public int TokensPerSecond { get; init; }
}
