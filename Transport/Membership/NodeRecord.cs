using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// What a node has said about itself, signed: the only kind of record there is, and only its owner can make one. Of two of the same owner
/// the one with the larger number counts. See <see cref="NodeRecordCodec"/> for its bytes.
/// </summary>
public sealed record NodeRecord
{
    /// <summary>Whose it is, and who has signed it.</summary>
    public required PeerId Owner { get; init; }

    /// <summary>From 1 to <see cref="long.MaxValue"/>.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>How long it is believed, from when it was received, by the receiver's monotonic clock.</summary>
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>Whether the owner says by it that it leaves.</summary>
    public bool IsTombstone { get; init; }

    public required NodeFacts Facts { get; init; }

    /// <summary>The record as it was signed and is sent on, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }
}
