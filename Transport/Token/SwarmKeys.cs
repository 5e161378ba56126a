using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ManagedSwarm.Transport.Token;

/// <summary>
/// What a swarm's members share, derived from their token so that none of it tells of the root or of the others: HKDF-SHA256 (RFC 5869)
/// with the root as key, the network's id and the epoch (4 bytes, big-endian) as salt, and <c>managedswarm/1/USE</c> as info. What changes
/// daily has <c>managedswarm/1/USE/2026-11-28</c>, by the calendar of UTC. In a part of the network, the key is no more the root but what
/// <c>managedswarm/1/subnetwork/NAME</c> (UTF-8) makes of it.
/// </summary>
public sealed class SwarmKeys
{
    private const int KeyBytes = 32;
    private const int NameBytes = 16;
    private const int ShortNameBytes = 8;

    private readonly SwarmToken _token;
    private readonly byte[] _key;

    public SwarmKeys(SwarmToken token)
    {
        _token = token;
        _key = token.Root.ToArray();
        _key = token.Subnetwork is { } name ? Derive("subnetwork/" + name, KeyBytes) : _key;
        PreSharedKey = Derive("psk", KeyBytes);
        Prologue = Derive("prologue", KeyBytes);
        LedgerKey = Derive("ledger", KeyBytes);
        Network = Convert.ToHexStringLower(Derive("network", ShortNameBytes));
        Topic = Convert.ToHexStringLower(Derive("topic", NameBytes));
        KadProtocolId = $"/managedswarm/{Convert.ToHexStringLower(Derive("kad", ShortNameBytes))}/kad/1.0.0";
    }

    /// <summary>The key that hides connections (libp2p's private networks): 32 bytes, a secret.</summary>
    public ReadOnlyMemory<byte> PreSharedKey { get; }

    /// <summary>What both sides of a Noise handshake must know: 32 bytes, a secret.</summary>
    public ReadOnlyMemory<byte> Prologue { get; }

    /// <summary>The key of the ledger at rest: 32 bytes, a secret.</summary>
    public ReadOnlyMemory<byte> LedgerKey { get; }

    /// <summary>The network in protocol ids: 16 hex digits.</summary>
    public string Network { get; }

    /// <summary>The network in names of gossip topics: 32 hex digits.</summary>
    public string Topic { get; }

    /// <summary>The protocol id of the private DHT.</summary>
    public string KadProtocolId { get; }

    /// <summary>The id of one of our protocols in this network: <c>/managedswarm/NETWORK/NAME</c>.</summary>
    /// <param name="name">Name and version: <c>stage/1.0.0</c>.</param>
    public string ProtocolId(string name) => $"/managedswarm/{Network}/{name}";

    /// <summary>The name under which members find each other in a local network on a day: 32 hex digits.</summary>
    public string MdnsTag(DateOnly day) => Convert.ToHexStringLower(Derive($"mdns/{TextOf(day)}", NameBytes));

    /// <summary>The key under which members find each other in the private DHT on a day: 32 bytes, as a SHA-256 would be.</summary>
    public byte[] RendezvousKey(DateOnly day) => Derive($"rdv/{TextOf(day)}", KeyBytes);

    /// <summary>The pre-shared key as other implementations keep it in their file <c>swarm.key</c>: a secret.</summary>
    public string RevealSwarmKeyFile() => $"/key/swarm/psk/1.0.0/\n/base16/\n{Convert.ToHexStringLower(PreSharedKey.Span)}";

    private static string TextOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private byte[] Derive(string use, int length)
    {
        Span<byte> salt = stackalloc byte[TokenFormat.NetworkIdBytes + sizeof(uint)];
        _token.NetworkIdBytes.CopyTo(salt);
        BinaryPrimitives.WriteUInt32BigEndian(salt[TokenFormat.NetworkIdBytes..], _token.Epoch);
        var key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt, Encoding.UTF8.GetBytes("managedswarm/1/" + use));
        return key;
    }
}
