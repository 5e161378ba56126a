using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

/// <summary>A connection without one.</summary>
internal sealed class FakeLink(PeerId remote, bool isDialer) : ILink
{
    public PeerId RemotePeer { get; } = remote;

    public bool IsDialer { get; } = isDialer;

    public bool IsOpen { get; set; } = true;

    /// <summary>The peer whose public key is all of one byte: so the order of their ids is that of the bytes.</summary>
    public static PeerId Peer(byte value) => PeerId.FromPublicKeyMessage([0x08, 0x01, 0x12, 0x20, .. Enumerable.Repeat(value, 32)]);
}
