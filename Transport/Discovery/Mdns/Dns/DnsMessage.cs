namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>A message of DNS (RFC 1035 §4), as far as multicast DNS (RFC 6762 §18) needs it. Authorities are not kept.</summary>
internal sealed record DnsMessage
{
    /// <summary>Zero, except where a program asks that does not speak multicast DNS: it wants its number back.</summary>
    public ushort Id { get; init; }

    /// <summary>Whether it answers; otherwise it asks.</summary>
    public bool IsResponse { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    /// <summary>Answers. In a query: what is known already, and need not be said again.</summary>
    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    /// <summary>What may be of use with the answers.</summary>
    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    /// <exception cref="SwarmException"><c>invalid_dns_message</c></exception>
    public static DnsMessage Read(ReadOnlySpan<byte> bytes) => new DnsReader(bytes).Message();

    public byte[] Write()
    {
        var writer = new DnsWriter();
        writer.Message(this);
        return writer.ToArray();
    }
}
