using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;
using static ManagedSwarm.Transport.Membership.Messages.MemberMessage;
using Hello = ManagedSwarm.Transport.Membership.Messages.MemberMessage.Hello;

namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>How many bytes a message has as a frame, without writing it: for those who count traffic.</summary>
internal static class MemberMessageSize
{
    // The prefix, the kind and the head of an array.
    private const int Head = FramePrefix.Size + 2;

    public static int Of(MemberMessage message) => Head + message switch
    {
        Hello hello => MessagePackWriter.GetEncodedLength(hello.Version) + MessagePackWriter.GetEncodedLength(hello.WallClock),
        Probe probe => MessagePackWriter.GetEncodedLength(probe.Nonce),
        Answer answer => MessagePackWriter.GetEncodedLength(answer.Nonce),
        ProbeRequest request => Of(request.Target) + MessagePackWriter.GetEncodedLength(request.Nonce),
        ProbeReport report => Of(report.Target) + MessagePackWriter.GetEncodedLength(report.Nonce) + 1,
        Suspect suspect => Of(suspect.Target) + MessagePackWriter.GetEncodedLength(suspect.Sequence),
        Summary => OfBinary(LedgerSummary.Bytes),
        Digest digest => MessagePackWriter.GetEncodedLength(digest.Groups) + Of(digest.Entries),
        Records records => Of(records.Signed),
        Want want => Of(want.Owners),
        _ => 1,
    };

    private static int Of(PeerId id) => OfBinary(id.Bytes.Length);

    private static int OfBinary(int length) => length + (length <= byte.MaxValue ? 2 : length <= ushort.MaxValue ? 3 : 5);

    private static int OfArray(int length) => length <= 15 ? 1 : length <= ushort.MaxValue ? 3 : 5;

    private static int Of(IReadOnlyList<DigestEntry> entries)
    {
        var bytes = OfArray(2 * entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += Of(entries[i].Owner) + MessagePackWriter.GetEncodedLength(entries[i].Sequence);
        }

        return bytes;
    }

    private static int Of(IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var bytes = OfArray(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            bytes += OfBinary(records[i].Length);
        }

        return bytes;
    }

    private static int Of(IReadOnlyList<PeerId> owners)
    {
        var bytes = OfArray(owners.Count);
        for (var i = 0; i < owners.Count; i++)
        {
            bytes += Of(owners[i]);
        }

        return bytes;
    }
}
