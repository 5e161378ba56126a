using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// A place in the DHT, or a distance between two: the SHA-256 of a key, 256 bits, the highest first; distances are the XOR of two places
/// (https://github.com/libp2p/specs/blob/master/kad-dht/README.md, "Distance").
/// </summary>
internal readonly record struct KadId(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<KadId>
{
    public const int Bits = 256;

    /// <summary>The place of a key.</summary>
    public static KadId Of(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return new(
            BinaryPrimitives.ReadUInt64BigEndian(hash),
            BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(hash[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));
    }

    /// <summary>The place of a peer: that of its id's bytes.</summary>
    public static KadId Of(PeerId peer) => Of(peer.Bytes.Span);

    public KadId DistanceTo(KadId other) =>
        new(First ^ other.First, Second ^ other.Second, Third ^ other.Third, Fourth ^ other.Fourth);

    /// <summary>How many of the first bits are the same in both.</summary>
    public int CommonBits(KadId other)
    {
        var distance = DistanceTo(other);
        return distance switch
        {
            { First: not 0 } => BitOperations.LeadingZeroCount(distance.First),
            { Second: not 0 } => 64 + BitOperations.LeadingZeroCount(distance.Second),
            { Third: not 0 } => 128 + BitOperations.LeadingZeroCount(distance.Third),
            _ => 192 + BitOperations.LeadingZeroCount(distance.Fourth),
        };
    }

    public int CompareTo(KadId other)
    {
        var order = First.CompareTo(other.First);
        order = order != 0 ? order : Second.CompareTo(other.Second);
        order = order != 0 ? order : Third.CompareTo(other.Third);
        return order != 0 ? order : Fourth.CompareTo(other.Fourth);
    }
}
