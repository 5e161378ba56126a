namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// What one peer says to another at once (libp2p's
/// <see href="https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.1.md">gossipsub v1.1</see>). Does not change, so
/// one may be sent to many.
/// </summary>
internal sealed class GossipRpc
{
    private int _size = -1;
    private byte[]? _bytes;

    public IReadOnlyList<GossipSubscription> Subscriptions { get; init; } = [];

    public IReadOnlyList<GossipMessage> Messages { get; init; } = [];

    public IReadOnlyList<GossipHave> Haves { get; init; } = [];

    /// <summary>IWANT: messages that are asked for.</summary>
    public IReadOnlyList<GossipMessageId> Wants { get; init; } = [];

    /// <summary>GRAFT: topics in whose meshes the two peers are to be neighbours.</summary>
    public IReadOnlyList<string> Grafts { get; init; } = [];

    public IReadOnlyList<GossipPrune> Prunes { get; init; } = [];

    /// <summary>
    /// Whether ids have their author's public key (js-libp2p) and not its peer id (go-libp2p). Implementations take them for opaque bytes,
    /// so a peer is spoken to in its own form.
    /// </summary>
    public bool NamesByKey { get; init; }

    /// <summary>Bytes of it on the wire, without the length before it.</summary>
    public int EncodedSize => _size >= 0 ? _size : _size = GossipRpcSize.Of(this);

    /// <summary>It as protobuf. Made once, however many it is sent to.</summary>
    public ReadOnlyMemory<byte> ToBytes() => _bytes ??= GossipRpcCodec.Write(this);

    /// <summary>Whether it says nothing else than one message.</summary>
    public bool IsOnly(GossipMessage message) =>
        Messages.Count == 1 && ReferenceEquals(Messages[0], message)
        && Subscriptions.Count + Haves.Count + Wants.Count + Grafts.Count + Prunes.Count == 0;
}
