using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>An address that may be dialed, and what has come of it.</summary>
/// <param name="address">Without a peer at its end.</param>
/// <param name="peer">Who is said to be there; null: nobody knows.</param>
/// <param name="source">Who named it first.</param>
internal sealed class DialCandidate(Multiaddress address, PeerId? peer, string source)
{
    public Multiaddress Address { get; } = address;

    /// <summary>Who is there; learned by dialing, where nobody had said.</summary>
    public PeerId? Peer { get; set; } = peer;

    public string Source { get; set; } = source;

    /// <summary>Failures since it last worked.</summary>
    public int Failures { get; set; }

    /// <summary>When it may be tried again.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Whether it is to be tried because somebody wants its peer, and not only by rumour.</summary>
    public bool IsRequested { get; set; }

    /// <summary>Whether it has ever worked.</summary>
    public bool HasWorked { get; set; }

    /// <summary>When it was dialed last.</summary>
    public TimeSpan Started { get; set; } = TimeSpan.MinValue;

    /// <summary>The dial that is under way; null: none is.</summary>
    public DialAttempt? Attempt { get; set; }

    /// <summary>The lower, the sooner.</summary>
    public int Rank => (IsRequested ? 0 : 100) + Source switch
    {
        DiscoverySource.Registry => 0,
        DiscoverySource.Mdns => 1,
        DiscoverySource.Bootstrap => 2,
        DiscoverySource.Member => 3,
        DiscoverySource.Cache => 4,
        _ => 5,
    };
}
