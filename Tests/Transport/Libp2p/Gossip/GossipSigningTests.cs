using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

public sealed class GossipSigningTests
{
    [Fact]
    public void A_message_is_its_authors()
    {
        using var author = Identity.Generate();
        var message = GossipSigning.Sign(author, "topic", new byte[] { 1, 2, 3 }, 7);
        Assert.Equal((author.PeerId, 7UL), (message.From, message.SequenceNumber));
        Assert.True(GossipSigning.Verify(message));
        Assert.True(GossipSigning.Verify(GossipRpcCodec.Read(new GossipRpc { Messages = [message] }.ToBytes().Span, new()).Messages[0]));
    }

    [Fact]
    public void Signs_what_the_specification_says()
    {
        using var author = Identity.FromSeed(new byte[32]);
        var message = GossipSigning.Sign(author, "t", new byte[] { 0xAA }, 1);
        byte[] signed =
        [
            .. "libp2p-pubsub:"u8, 0x0A, 38, .. author.PeerId.Bytes.Span,
            0x12, 1, 0xAA, 0x1A, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0x22, 1, (byte)'t',
        ];
        Assert.Equal(author.Sign(signed), message.Signature.ToArray());
    }

    [Fact]
    public void Nobody_else_can_have_said_it_or_anything_else()
    {
        using var author = Identity.Generate();
        using var other = Identity.Generate();
        var message = GossipSigning.Sign(author, "topic", new byte[] { 1, 2, 3 }, 7);
        Assert.False(GossipSigning.Verify(message with { From = other.PeerId }));
        Assert.False(GossipSigning.Verify(message with { Data = new byte[] { 1, 2, 4 } }));
        Assert.False(GossipSigning.Verify(message with { SequenceNumber = 8 }));
        Assert.False(GossipSigning.Verify(message with { Topic = "topics" }));
        Assert.False(GossipSigning.Verify(message with { Signature = default }));
        Assert.False(GossipSigning.Verify(message with { Signature = new byte[64] }));
    }

    [Fact]
    public void A_key_that_is_not_in_the_peer_id_signs_nothing()
    {
        var message = new GossipMessage
        {
            From = PeerId.FromPublicKeyMessage(RandomNumberGenerator.GetBytes(300)),
            Data = default,
            SequenceNumber = 1,
            Topic = "topic",
            Signature = new byte[64],
        };
        Assert.False(GossipSigning.Verify(message));
    }
}
