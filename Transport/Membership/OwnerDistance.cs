using System.Buffers.Binary;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// How far apart two peers are: their ids' SHA-256, one xor the other, as a number of 256 bits. Each node has others near it, so that what
/// one full ledger drops another holds.
/// </summary>
internal readonly record struct OwnerDistance : IComparable<OwnerDistance>
{
    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private OwnerDistance(UInt128 high, UInt128 low) => (_high, _low) = (high, low);

    public static OwnerDistance Between(PeerId one, PeerId other)
    {
        var (a, b) = (PlaceOf(one), PlaceOf(other));
        return new(a._high ^ b._high, a._low ^ b._low);
    }

    public int CompareTo(OwnerDistance other) => _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    private static OwnerDistance PlaceOf(PeerId peer)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(peer.Bytes.Span, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
