using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Http;

/// <summary>One end of the streams of a protocol: what Kestrel listens on instead of an address and a port.</summary>
/// <param name="protocolId">For example <c>/managedswarm/0123456789abcdef/http/1.0.0</c>.</param>
/// <param name="peer">Whose end it is; null: this program's.</param>
public sealed class Libp2pEndPoint(string protocolId, PeerId? peer = null) : EndPoint, IEquatable<Libp2pEndPoint>
{
    public string ProtocolId { get; } = protocolId;

    /// <summary>Whose end it is, as its handshake proved; null: this program's.</summary>
    public PeerId? Peer { get; } = peer;

    /// <summary>None of a socket's; servers ask for it where they count connections.</summary>
    public override AddressFamily AddressFamily => AddressFamily.Unspecified;

    public bool Equals(Libp2pEndPoint? other) => other is not null && ProtocolId == other.ProtocolId && Equals(Peer, other.Peer);

    public override bool Equals(object? obj) => Equals(obj as Libp2pEndPoint);

    public override int GetHashCode() => HashCode.Combine(ProtocolId, Peer);

    /// <returns>A URI, because servers show the addresses that they listen on as such.</returns>
    public override string ToString() => Peer is null ? $"libp2p:{ProtocolId}" : $"libp2p://{Peer}{ProtocolId}";
}
