using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Federation;

/// <summary>An instance, and what this router knows of it. For one thread at a time.</summary>
internal sealed class RoutedPeer(SwarmMember member, CircuitBreaker breaker, long? since)
{
    // Of the requests that it says it has, those that are this router's own.
    private int _ownOfReported;

    public PeerId Id { get; } = member.Id;

    /// <summary>Its base address for an HTTP client.</summary>
    public Uri Address { get; } = PeerHost.UriOf(member.Id);

    public CircuitBreaker Breaker { get; } = breaker;

    /// <summary>When it came: a timestamp; null: it was there when this router came.</summary>
    public long? Since { get; } = since;

    public SwarmMember Member { get; private set; } = member;

    /// <summary>Requests of this router that it has now.</summary>
    public int InFlight { get; set; }

    /// <inheritdoc cref="Candidate.LastTurn"/>
    public long LastTurn { get; set; }

    /// <summary>Requests that it has now: what it has said last counts but for this router's own at that time.</summary>
    public int Load
    {
        get
        {
            var reported = Member.Facts.Load.InFlight + Member.Facts.Load.Queued;
            return InFlight + Math.Max(0, reported - Math.Min(_ownOfReported, reported));
        }
    }

    /// <summary>See <see cref="SpeedClass"/>; null: its speed is not known yet.</summary>
    public double? Class { get; private set; } = ClassOf(member, null);

    /// <summary>Whether it can have requests at all.</summary>
    public bool IsThere => Member.State is MemberState.Alive or MemberState.Suspect && Member.Facts.Roles.Contains(NodeRole.Instance);

    public ModelFacts? Find(string model) => Member.Facts.Models.FirstOrDefault(its => its.Id == model);

    /// <summary>More is known of it.</summary>
    public void Hear(SwarmMember member)
    {
        if (member.Sequence != Member.Sequence)
        {
            _ownOfReported = InFlight;
        }

        (Member, Class) = (member, ClassOf(member, Class));
    }

    private static double? ClassOf(SwarmMember member, double? before) =>
        member.Facts.Load.TokensPerSecond is > 0 and var speed ? SpeedClass.Of(speed, before) : before;
}
