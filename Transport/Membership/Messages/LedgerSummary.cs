using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>
/// A ledger in 256 bytes: owners are in groups by their id, and each group has the exclusive or of a hash of each owner and its record's
/// number. Two that are equal have, as good as certainly, the same records; where they differ, only the groups that do are compared.
/// A peer that makes two ledgers look alike keeps only its own records from others.
/// </summary>
internal sealed class LedgerSummary
{
    public const int Buckets = 64;
    public const int Bytes = Buckets * sizeof(uint);

    private readonly uint[] _hashes = new uint[Buckets];

    /// <summary>A number of an id: its last eight bytes, which are those of a key or a hash, and so as good as drawn.</summary>
    public static ulong KeyOf(PeerId id)
    {
        var bytes = id.Bytes.Span;
        var key = 0UL;
        foreach (var value in bytes[^Math.Min(sizeof(ulong), bytes.Length)..])
        {
            key = (key << 8) | value;
        }

        return key;
    }

    /// <summary>The group of an owner: 0 to 63.</summary>
    public static int BucketOf(ulong key) => (int)(Mix(key) >> 58);

    /// <summary>Spreads a number over all bits (the finaliser of SplitMix64).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Adds a record, or takes it out again.</summary>
    public void Toggle(ulong key, ulong sequence) => _hashes[BucketOf(key)] ^= (uint)Mix(key ^ Mix(sequence + 0x9E3779B97F4A7C15));

    /// <summary>A bit for each group in which they differ.</summary>
    public ulong DifferenceTo(LedgerSummary other)
    {
        var groups = 0UL;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            groups |= _hashes[bucket] == other._hashes[bucket] ? 0 : 1UL << bucket;
        }

        return groups;
    }

    public LedgerSummary Copy()
    {
        var copy = new LedgerSummary();
        _hashes.CopyTo(copy._hashes, 0);
        return copy;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bucket * sizeof(uint)), _hashes[bucket]);
        }

        return bytes;
    }

    /// <param name="bytes"><see cref="Bytes"/> of them.</param>
    public static LedgerSummary FromBytes(ReadOnlySpan<byte> bytes)
    {
        var summary = new LedgerSummary();
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            summary._hashes[bucket] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(bucket * sizeof(uint))..]);
        }

        return summary;
    }
}
