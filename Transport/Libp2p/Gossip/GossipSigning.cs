using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// Signatures of messages: StrictSign of libp2p's
/// <see href="https://github.com/libp2p/specs/blob/master/pubsub/README.md#message-signing">pubsub, message signing</see>. What is signed
/// is <c>libp2p-pubsub:</c> and the message without its signature and key. Only Ed25519, whose key is in the author's peer id.
/// </summary>
internal static class GossipSigning
{
    private static ReadOnlySpan<byte> Prefix => "libp2p-pubsub:"u8;

    /// <summary>A message of one's own.</summary>
    /// <param name="author">Who says it.</param>
    /// <param name="topic">To whom.</param>
    /// <param name="data">What.</param>
    /// <param name="sequenceNumber">Larger than those of all the author has said before, also before a restart: the time does it.</param>
    public static GossipMessage Sign(Identity author, string topic, ReadOnlyMemory<byte> data, ulong sequenceNumber)
    {
        var message = new GossipMessage { From = author.PeerId, Data = data, SequenceNumber = sequenceNumber, Topic = topic };
        return message with { Signature = author.Sign(SignedPart(message)) };
    }

    /// <summary>Whether the author has signed a message.</summary>
    public static bool Verify(GossipMessage message) =>
        PublicKeyMessage.IsOne(message.From.InlineKey)
        && PublicKeyMessage.Verify(message.From.InlineKey, SignedPart(message), message.Signature.Span);

    private static ReadOnlySpan<byte> SignedPart(GossipMessage message)
    {
        var output = new ArrayBufferWriter<byte>(Prefix.Length + GossipRpcSize.OfUnsigned(message));
        output.Write(Prefix);
        GossipRpcCodec.WriteUnsigned(new ProtobufWriter(output), message);
        return output.WrittenSpan;
    }
}
