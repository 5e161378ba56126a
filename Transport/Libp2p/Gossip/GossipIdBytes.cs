using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// A message's id as it is sent: who made it, and its number, 8 bytes, big-endian. The specification leaves the first part open: go-libp2p
/// has the peer id, js-libp2p the public key as a message.
/// </summary>
internal static class GossipIdBytes
{
    public const int MaxLength = PeerId.MaxBytes + GossipRpcSize.SequenceNumberBytes;

    public static int LengthOf(GossipMessageId id, bool namesByKey) =>
        NameOf(id.From, namesByKey).Length + GossipRpcSize.SequenceNumberBytes;

    /// <returns>How many bytes it took, at most <see cref="MaxLength"/>.</returns>
    public static int Write(Span<byte> destination, GossipMessageId id, bool namesByKey)
    {
        var name = NameOf(id.From, namesByKey);
        name.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[name.Length..], id.SequenceNumber);
        return name.Length + GossipRpcSize.SequenceNumberBytes;
    }

    /// <summary>Reads an id in either form.</summary>
    /// <returns>False: it is none, so no message here has it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out GossipMessageId id, out bool namesByKey)
    {
        (id, namesByKey) = (default, false);
        if (bytes.Length is <= GossipRpcSize.SequenceNumberBytes or > MaxLength)
        {
            return false;
        }

        var name = bytes[..^GossipRpcSize.SequenceNumberBytes];
        namesByKey = PublicKeyMessage.IsOne(name);
        if (!TryReadName(name, namesByKey, out var from))
        {
            return false;
        }

        id = new(from, BinaryPrimitives.ReadUInt64BigEndian(bytes[^GossipRpcSize.SequenceNumberBytes..]));
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> name, bool isKey, [NotNullWhen(true)] out PeerId? from)
    {
        if (!isKey)
        {
            return PeerId.TryFromBytes(name, out from);
        }

        from = PeerId.FromPublicKeyMessage(name);
        return true;
    }

    private static ReadOnlySpan<byte> NameOf(PeerId peer, bool byKey) =>
        byKey && !peer.InlineKey.IsEmpty ? peer.InlineKey : peer.Bytes.Span;
}
