namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>What became of a claim to provide a key.</summary>
internal enum ProviderOutcome
{
    Added,

    /// <summary>It was known; its time begins anew.</summary>
    Renewed,

    /// <summary>No provider is the sender itself: nobody speaks for others.</summary>
    NotTheSender,

    /// <summary>It has no address that can be dialed.</summary>
    NoAddress,
}
