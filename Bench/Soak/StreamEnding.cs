namespace ManagedSwarm.Bench.Soak;

/// <summary>How a stream ends.</summary>
internal enum StreamEnding
{
    /// <summary>Each end closes its direction when it has said all.</summary>
    Closed,

    /// <summary>The end that opened it resets it in the middle.</summary>
    ResetByOpener,

    /// <summary>The end that accepted it does.</summary>
    ResetByAccepter,
}
