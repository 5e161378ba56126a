using System.Buffers.Binary;
using System.Globalization;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>Records as a codec would have read them, without keys: a ledger does not verify.</summary>
internal static class MadeUpRecords
{
    /// <summary>One of as many owners as there are numbers.</summary>
    public static PeerId Owner(int number)
    {
        Span<byte> key = stackalloc byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        return PeerId.FromPublicKeyMessage(PublicKeyMessage.Create(key));
    }

    public static NodeRecord Record(int owner, ulong sequence, double seconds = 60, bool isTombstone = false) =>
        Record(Owner(owner), sequence, seconds, isTombstone);

    public static NodeRecord Record(PeerId owner, ulong sequence, double seconds = 60, bool isTombstone = false) => new()
    {
        Owner = owner,
        Sequence = sequence,
        TimeToLive = TimeSpan.FromSeconds(seconds),
        IsTombstone = isTombstone,
        Facts = new NodeFacts { Name = sequence.ToString(CultureInfo.InvariantCulture), Version = "0.1.0" },
        Bytes = owner.Bytes,
    };
}
