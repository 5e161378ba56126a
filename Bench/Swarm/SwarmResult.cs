namespace ManagedSwarm.Bench.Swarm;

/// <summary>What a simulated swarm of one size has shown.</summary>
/// <param name="View">Members that each node may know.</param>
/// <param name="UntilSeen">From the last start until each knows all, or its view is full; null: not in time.</param>
/// <param name="Sessions">Of a node at rest, on average.</param>
/// <param name="BytesPerSecond">That a node sends at rest, on average.</param>
/// <param name="MostBytesPerSecond">The same of the node that sends most.</param>
/// <param name="MessagesPerSecond">That a node sends at rest, on average.</param>
/// <param name="UntilAgreed">From the death of a tenth until no survivor has one of them for alive; null: not in time.</param>
/// <param name="AgreementBytes">That a node sends in that time, on average.</param>
/// <param name="Events">Of the whole simulation.</param>
internal sealed record SwarmResult(
    int View,
    TimeSpan? UntilSeen,
    double Sessions,
    double BytesPerSecond,
    double MostBytesPerSecond,
    double MessagesPerSecond,
    TimeSpan? UntilAgreed,
    double AgreementBytes,
    long Events);
