using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>What a node knows about reaching another one. Small, as there is one for each member.</summary>
internal sealed class Contact(PeerId id)
{
    public PeerId Id { get; } = id;

    /// <summary>Its place on the ring; see <see cref="LedgerSummary.KeyOf"/>.</summary>
    public ulong Key { get; } = LedgerSummary.KeyOf(id);

    public MemberState State { get; set; }

    /// <summary>Whether its record is known. Without one it is just somebody who has a session.</summary>
    public bool IsMember { get; set; }

    public bool IsConnected => Session is not null;

    /// <summary>Dials that have failed one after the other.</summary>
    public int FailedDials { get; set; }

    /// <summary>Not dialed for the overlay before.</summary>
    public TimeSpan NextDial { get; set; }

    /// <summary>The number of its record.</summary>
    public ulong Sequence { get; set; }

    /// <summary>When it was last known to live.</summary>
    public TimeSpan LastHeard { get; set; }

    /// <summary>Of the last answered probe; below zero: none was.</summary>
    public TimeSpan RoundTrip { get; set; } = TimeSpan.MinValue;

    /// <summary>The session with it; null: there is none.</summary>
    public SessionState? Session { get; set; }

    /// <summary>What is being done to find out whether one without a session lives; null: nothing.</summary>
    public Inquiry? Inquiry { get; set; }

    /// <summary>When it was lost, or last dialed since; only of lost ones.</summary>
    public LossTimes? Loss { get; set; }

    /// <summary>The highest number whose suspicion it has been told of.</summary>
    public ulong ToldSequence { get; set; }

    /// <summary>Not looked at again because of hints before.</summary>
    public TimeSpan NextHint { get; set; }
}
