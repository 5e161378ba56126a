namespace ManagedSwarm.Transport.Libp2p;

/// <summary>What follows a protocol's name in an address.</summary>
internal enum MultiaddressValue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>4 bytes.</summary>
    IPv4,

    /// <summary>16 bytes.</summary>
    IPv6,

    /// <summary>2 bytes, big-endian.</summary>
    Port,

    /// <summary>A DNS name, after its length.</summary>
    Name,

    /// <summary>A multihash, after its length.</summary>
    PeerId,

    /// <summary>A certificate's multihash, after its length; its text is multibase base64url.</summary>
    CertHash,
}
