namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// A published message, as its author has signed it (libp2p's
/// <see href="https://github.com/libp2p/specs/blob/master/pubsub/README.md#the-message">pubsub, the message</see>).
/// </summary>
internal sealed record GossipMessage
{
    /// <summary>The author; who sent it here may be another.</summary>
    public required PeerId From { get; init; }

    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The author gives no number twice.</summary>
    public required ulong SequenceNumber { get; init; }

    public required string Topic { get; init; }

    /// <summary>See <see cref="GossipSigning"/>; empty: nobody has signed it, which only simulations do.</summary>
    public ReadOnlyMemory<byte> Signature { get; init; }

    public GossipMessageId Id => new(From, SequenceNumber);

    /// <summary>Bytes of it in a <see cref="GossipRpc"/>, without its own tag and length.</summary>
    public int EncodedSize => GossipRpcSize.OfMessage(this);
}
