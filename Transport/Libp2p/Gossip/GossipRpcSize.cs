using System.Text;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>How many bytes the parts of a <see cref="GossipRpc"/> take, without being written.</summary>
internal static class GossipRpcSize
{
    public const int SequenceNumberBytes = sizeof(ulong);

    // All field numbers are below 16.
    private const int TagBytes = 1;

    public static int Of(GossipRpc rpc)
    {
        var (size, control) = (0, OfControl(rpc));
        for (var i = 0; i < rpc.Subscriptions.Count; i++)
        {
            size += Field(OfSubscription(rpc.Subscriptions[i]));
        }

        for (var i = 0; i < rpc.Messages.Count; i++)
        {
            size += Field(OfMessage(rpc.Messages[i]));
        }

        return size + (control > 0 ? Field(control) : 0);
    }

    public static int OfSubscription(GossipSubscription subscription) => TagBytes + 1 + Field(OfText(subscription.Topic));

    public static int OfMessage(GossipMessage message) =>
        OfUnsigned(message) + (message.Signature.IsEmpty ? 0 : Field(message.Signature.Length));

    /// <summary>Bytes of a message's fields that are signed.</summary>
    public static int OfUnsigned(GossipMessage message) =>
        Field(message.From.Bytes.Length) + Field(message.Data.Length) + Field(SequenceNumberBytes) + Field(OfText(message.Topic));

    /// <summary>Bytes of all that is neither a subscription nor a message.</summary>
    public static int OfControl(GossipRpc rpc)
    {
        var size = rpc.Wants.Count > 0 ? Field(OfIds(rpc.Wants, rpc.NamesByKey)) : 0;
        for (var i = 0; i < rpc.Haves.Count; i++)
        {
            size += Field(OfHave(rpc.Haves[i], rpc.NamesByKey));
        }

        for (var i = 0; i < rpc.Grafts.Count; i++)
        {
            size += Field(OfGraft(rpc.Grafts[i]));
        }

        for (var i = 0; i < rpc.Prunes.Count; i++)
        {
            size += Field(OfPrune(rpc.Prunes[i]));
        }

        return size;
    }

    public static int OfHave(GossipHave have, bool namesByKey) => Field(OfText(have.Topic)) + OfIds(have.Ids, namesByKey);

    public static int OfIds(IReadOnlyList<GossipMessageId> ids, bool namesByKey)
    {
        var size = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            size += Field(OfId(ids[i], namesByKey));
        }

        return size;
    }

    public static int OfId(GossipMessageId id, bool namesByKey) => GossipIdBytes.LengthOf(id, namesByKey);

    public static int OfGraft(string topic) => Field(OfText(topic));

    public static int OfPrune(GossipPrune prune) =>
        Field(OfText(prune.Topic)) + (prune.Backoff > TimeSpan.Zero ? TagBytes + Varint.LengthOf((ulong)prune.Backoff.TotalSeconds) : 0);

    private static int OfText(string text) => Encoding.UTF8.GetByteCount(text);

    private static int Field(int bytes) => TagBytes + Varint.LengthOf((ulong)bytes) + bytes;
}
