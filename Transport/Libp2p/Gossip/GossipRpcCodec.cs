using System.Buffers;
using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// <see cref="GossipRpc"/> as protobuf:
/// <code>
/// RPC      { 1 subscriptions* { 1 subscribe, 2 topic }, 2 publish* : Message, 3 control }
/// Message  { 1 from, 2 data, 3 seqno, 4 topic, 5 signature, 6 key }
/// control  { 1 ihave* { 1 topic, 2 ids* }, 2 iwant* { 1 ids* }, 3 graft* { 1 topic }, 4 prune* { 1 topic, 2 peers*, 3 backoff } }
/// </code>
/// The key of a message is neither written nor read: an Ed25519 key is in the peer id. Peers in a PRUNE are not read: who is in a swarm is
/// known otherwise.
/// </summary>
internal static partial class GossipRpcCodec
{
    /// <summary>Writes it, without a length before it.</summary>
    public static byte[] Write(GossipRpc rpc)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(1, rpc.EncodedSize));
        var writer = new ProtobufWriter(output);
        foreach (var subscription in rpc.Subscriptions)
        {
            writer.WriteHead(1, GossipRpcSize.OfSubscription(subscription));
            writer.WriteNumber(1, subscription.Subscribes ? 1UL : 0);
            writer.WriteText(2, subscription.Topic);
        }

        foreach (var message in rpc.Messages)
        {
            writer.WriteHead(2, GossipRpcSize.OfMessage(message));
            WriteUnsigned(writer, message);
            if (!message.Signature.IsEmpty)
            {
                writer.WriteBytes(5, message.Signature.Span);
            }
        }

        if (GossipRpcSize.OfControl(rpc) is var control and > 0)
        {
            writer.WriteHead(3, control);
            WriteControl(writer, rpc);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The part of a message that its author signs.</summary>
    public static void WriteUnsigned(ProtobufWriter writer, GossipMessage message)
    {
        Span<byte> number = stackalloc byte[GossipRpcSize.SequenceNumberBytes];
        BinaryPrimitives.WriteUInt64BigEndian(number, message.SequenceNumber);
        writer.WriteBytes(1, message.From.Bytes.Span);
        writer.WriteBytes(2, message.Data.Span);
        writer.WriteBytes(3, number);
        writer.WriteText(4, message.Topic);
    }

    private static void WriteControl(ProtobufWriter writer, GossipRpc rpc)
    {
        foreach (var have in rpc.Haves)
        {
            writer.WriteHead(1, GossipRpcSize.OfHave(have, rpc.NamesByKey));
            writer.WriteText(1, have.Topic);
            WriteIds(writer, 2, have.Ids, rpc.NamesByKey);
        }

        if (rpc.Wants.Count > 0)
        {
            writer.WriteHead(2, GossipRpcSize.OfIds(rpc.Wants, rpc.NamesByKey));
            WriteIds(writer, 1, rpc.Wants, rpc.NamesByKey);
        }

        foreach (var topic in rpc.Grafts)
        {
            writer.WriteHead(3, GossipRpcSize.OfGraft(topic));
            writer.WriteText(1, topic);
        }

        foreach (var prune in rpc.Prunes)
        {
            writer.WriteHead(4, GossipRpcSize.OfPrune(prune));
            writer.WriteText(1, prune.Topic);
            if (prune.Backoff > TimeSpan.Zero)
            {
                writer.WriteNumber(3, (ulong)prune.Backoff.TotalSeconds);
            }
        }
    }

    private static void WriteIds(ProtobufWriter writer, int field, IReadOnlyList<GossipMessageId> ids, bool namesByKey)
    {
        Span<byte> bytes = stackalloc byte[GossipIdBytes.MaxLength];
        foreach (var id in ids)
        {
            writer.WriteBytes(field, bytes[..GossipIdBytes.Write(bytes, id, namesByKey)]);
        }
    }
}
