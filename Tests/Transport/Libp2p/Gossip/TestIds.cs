using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>Peer ids without secrets, the same for the same number.</summary>
internal static class TestIds
{
    public static PeerId Of(int number)
    {
        var key = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return PeerId.FromPublicKeyMessage(PublicKeyMessage.Create(key));
    }
}
