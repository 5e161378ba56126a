namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>What somebody tells about a name. Of other types than those below only the head is kept.</summary>
/// <param name="Name">About which name.</param>
/// <param name="Type">What it tells.</param>
/// <param name="TimeToLive">How many seconds it may be believed; 0: it is over.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, uint TimeToLive)
{
    /// <summary>The name that a <see cref="DnsType.Pointer"/> tells.</summary>
    public DnsName? Target { get; init; }

    /// <summary>What a <see cref="DnsType.Text"/> tells, each byte a character.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];
}
