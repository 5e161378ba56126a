namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>What a record tells (RFC 1035 §3.2.2); any other number may occur too.</summary>
internal enum DnsType : ushort
{
    /// <summary>A name: here, of an instance of a service.</summary>
    Pointer = 12,

    /// <summary>Texts of at most 255 bytes each.</summary>
    Text = 16,

    /// <summary>Only in questions: all records.</summary>
    Any = 255,
}
