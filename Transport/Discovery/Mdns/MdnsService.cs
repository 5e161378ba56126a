using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>The swarm's name on one day, and what is to be said about it on a link.</summary>
/// <param name="day">The day, of UTC.</param>
/// <param name="tag">The swarm's tag on it.</param>
/// <param name="instance">What this node is called for the day; tells nothing.</param>
internal sealed class MdnsService(DateOnly day, string tag, string instance)
{
    public DateOnly Day { get; } = day;

    /// <summary><c>_p2p-TAG._udp.local</c></summary>
    public DnsName Name { get; } = DnsName.Parse($"_p2p-{tag}._udp.local");

    /// <summary><c>INSTANCE._p2p-TAG._udp.local</c></summary>
    public DnsName Instance { get; } = DnsName.Parse($"{instance}._p2p-{tag}._udp.local");

    /// <summary>When all are to be answered; null: nobody has asked.</summary>
    public TimeSpan? AnswerDue { get; set; }

    /// <summary>When all were answered last; null: never.</summary>
    public TimeSpan? AnsweredAt { get; set; }
}
