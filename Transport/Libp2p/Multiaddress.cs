using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// An address that says how to reach somebody, such as <c>/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…</c>
/// (<see href="https://github.com/multiformats/multiaddr">multiaddr</see>). Two are equal where their bytes are.
/// </summary>
public sealed class Multiaddress : IEquatable<Multiaddress>
{
    private readonly byte[] _bytes;
    private readonly IReadOnlyList<MultiaddressPart> _parts;

    private Multiaddress(byte[] bytes, IReadOnlyList<MultiaddressPart> parts) => (_bytes, _parts) = (bytes, parts);

    /// <summary>The binary form.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The IP address or DNS name that it begins with; null: with neither.</summary>
    public string? Host => IsHost(_parts[0].Protocol) ? _parts[0].Text : null;

    /// <summary>The TCP port behind the host; null: there is none.</summary>
    public int? TcpPort => Host is not null && _parts is [_, { Protocol.Name: "tcp" } tcp, ..] ? PortOf(tcp) : null;

    /// <summary>The peer at its end; null: it does not end with one.</summary>
    public PeerId? PeerId => _parts[^1] is { Protocol.Value: MultiaddressValue.PeerId } last ? PeerId.FromBytes(last.Value.Span) : null;

    /// <summary>
    /// Where to connect by TCP: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> with the family that the address asks for.
    /// Null: it is not a host, a TCP port, perhaps a peer, and nothing else.
    /// </summary>
    public EndPoint? TcpEndPoint => _parts is [_, _] or [_, _, { Protocol.Value: MultiaddressValue.PeerId }] && TcpPort is { } port
        ? _parts[0].Protocol.Name switch
        {
            "ip4" or "ip6" => new IPEndPoint(new IPAddress(_parts[0].Value.Span), port),
            "dns" => new DnsEndPoint(Host!, port),
            "dns4" => new DnsEndPoint(Host!, port, AddressFamily.InterNetwork),
            "dns6" => new DnsEndPoint(Host!, port, AddressFamily.InterNetworkV6),
            // Its addresses stand in TXT records.
            _ => null,
        }
        : null;

    public static bool operator ==(Multiaddress? left, Multiaddress? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Multiaddress? left, Multiaddress? right) => !(left == right);

    /// <summary>Parses the text form.</summary>
    /// <exception cref="SwarmException"><c>invalid_address</c></exception>
    public static Multiaddress Parse(string text)
    {
        var parts = new List<MultiaddressPart>();
        return MultiaddressParser.Parse(text, parts) is { } error
            ? throw new SwarmException("invalid_address", $"address '{Excerpt.Of(text)}': {error}")
            : Create(parts);
    }

    /// <summary>Parses the text form.</summary>
    /// <returns>False: it is none, or has protocols that are not known.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Multiaddress? address)
    {
        var parts = new List<MultiaddressPart>();
        address = text is not null && MultiaddressParser.Parse(text, parts) is null ? Create(parts) : null;
        return address is not null;
    }

    /// <summary>Parses the binary form.</summary>
    /// <exception cref="SwarmException"><c>invalid_address</c></exception>
    public static Multiaddress FromBytes(ReadOnlySpan<byte> bytes) => FromBytes(bytes, out var error)
        ?? throw new SwarmException("invalid_address", $"address of {bytes.Length} bytes: {error}");

    /// <summary>Parses the binary form.</summary>
    /// <returns>False: it is none, or has protocols that are not known.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Multiaddress? address)
    {
        address = FromBytes(bytes, out _);
        return address is not null;
    }

    /// <summary>The address of a TCP end point. An IPv4 address in IPv6's clothes is an IPv4 address; a zone is left out.</summary>
    public static Multiaddress FromEndPoint(IPEndPoint endPoint)
    {
        var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        var protocol = address.AddressFamily == AddressFamily.InterNetwork ? MultiaddressProtocol.Ip4 : MultiaddressProtocol.Ip6;
        return Create([Part(protocol, address.GetAddressBytes()), Part(MultiaddressProtocol.Tcp, [(byte)(endPoint.Port >> 8), (byte)endPoint.Port])]);
    }

    /// <summary>This address and then <paramref name="inner"/>: what is reached through it.</summary>
    /// <exception cref="SwarmException"><c>invalid_address</c>: it would be too long.</exception>
    public Multiaddress Encapsulate(Multiaddress inner) => FromBytes([.. _bytes, .. inner._bytes]);

    /// <summary>This address with a peer at its end, in place of the one that it ends with.</summary>
    /// <exception cref="SwarmException"><c>invalid_address</c>: it would be too long.</exception>
    public Multiaddress WithPeerId(PeerId peer)
    {
        var others = PeerId is null ? _parts : _parts.SkipLast(1);
        return FromBytes(Create([.. others, Part(MultiaddressProtocol.P2p, peer.Bytes.ToArray())])._bytes);
    }

    /// <summary>This address without the peer that it ends with; as it is, where there is nothing before that peer.</summary>
    public Multiaddress WithoutPeerId() => PeerId is null || _parts.Count == 1 ? this : Create([.. _parts.SkipLast(1)]);

    public bool Equals(Multiaddress? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as Multiaddress);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Concat(_parts);

    private static Multiaddress? FromBytes(ReadOnlySpan<byte> bytes, out string? error)
    {
        error = MultiaddressParser.CheckLength(bytes.Length);
        if (error is not null)
        {
            return null;
        }

        var copy = bytes.ToArray();
        var parts = new List<MultiaddressPart>();
        error = MultiaddressParser.Parse(copy, parts);
        return error is null ? new(copy, parts) : null;
    }

    private static Multiaddress Create(IReadOnlyList<MultiaddressPart> parts)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var part in parts)
        {
            part.WriteTo(output);
        }

        return new(output.WrittenSpan.ToArray(), parts);
    }

    private static MultiaddressPart Part(MultiaddressProtocol protocol, byte[] value) =>
        new(protocol, value, MultiaddressText.FromBytes(protocol.Value, value));

    private static bool IsHost(MultiaddressProtocol protocol) =>
        protocol.Value is MultiaddressValue.IPv4 or MultiaddressValue.IPv6 or MultiaddressValue.Name;

    private static int PortOf(MultiaddressPart part) => (part.Value.Span[0] << 8) | part.Value.Span[1];
}
