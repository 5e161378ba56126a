namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>What somebody wants to know.</summary>
/// <param name="Name">About which name.</param>
/// <param name="Type">Which records.</param>
/// <param name="WantsUnicast">Whether the answer may go to whoever asks alone (RFC 6762 §5.4).</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, bool WantsUnicast = false);
