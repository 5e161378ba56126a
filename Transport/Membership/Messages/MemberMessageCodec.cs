using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;
using static ManagedSwarm.Transport.Membership.Messages.MemberMessage;
using Hello = ManagedSwarm.Transport.Membership.Messages.MemberMessage.Hello;

namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>Writes and reads what members tell each other: frames (<see cref="FramePrefix"/>) of a kind and an array.</summary>
/// <remarks>
/// <code>
/// int      kind, of MemberMessageKind
/// array    the kind's elements; a later version may add some, which are passed over
///   Hello         int version, int wall clock in ms since 1970 UTC
///   Probe         int nonce, 32 bits without sign; Answer: the same
///   ProbeRequest  bin target, int nonce
///   ProbeReport   bin target, int nonce, bool lives
///   Suspect       bin target, int sequence, 64 bits without sign
///   Summary       bin 64 hashes of 4 bytes, little endian
///   Digest        int groups, 64 bits, array of bin owner, int sequence, bin owner, int sequence, ...
///   Records       array of bin signed record
///   Want          array of bin owner
///   Keep          bool
/// </code>
/// A target or owner is a peer id's multihash.
/// </remarks>
internal static class MemberMessageCodec
{
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public static void Write(FrameWriter frames, MemberMessage message)
    {
        var writer = frames.Begin();
        switch (message)
        {
            case Hello hello:
                Begin(ref writer, MemberMessageKind.Hello, 2);
                writer.Write(hello.Version);
                writer.Write(hello.WallClock);
                break;
            case Probe probe:
                Begin(ref writer, MemberMessageKind.Probe, 1);
                writer.Write(probe.Nonce);
                break;
            case Answer answer:
                Begin(ref writer, MemberMessageKind.Answer, 1);
                writer.Write(answer.Nonce);
                break;
            case ProbeRequest request:
                Begin(ref writer, MemberMessageKind.ProbeRequest, 2);
                writer.Write(request.Target.Bytes.Span);
                writer.Write(request.Nonce);
                break;
            case ProbeReport report:
                Begin(ref writer, MemberMessageKind.ProbeReport, 3);
                writer.Write(report.Target.Bytes.Span);
                writer.Write(report.Nonce);
                writer.Write(report.IsAlive);
                break;
            case Suspect suspect:
                Begin(ref writer, MemberMessageKind.Suspect, 2);
                writer.Write(suspect.Target.Bytes.Span);
                writer.Write(suspect.Sequence);
                break;
            case Summary summary:
                Begin(ref writer, MemberMessageKind.Summary, 1);
                writer.Write(summary.Groups.ToBytes());
                break;
            case Keep keep:
                Begin(ref writer, MemberMessageKind.Keep, 1);
                writer.Write(keep.IsNeeded);
                break;
            default:
                WriteList(ref writer, message);
                break;
        }

        frames.End(ref writer);
    }

    /// <param name="frame">Without its prefix.</param>
    /// <returns>Its lists are copies; null: it is of a kind that only a later version knows.</returns>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static MemberMessage? Read(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, MemberMessageLimits.Frames);
        var kind = (MemberMessageKind)decoder.ReadInt32("kind");
        var expected = ElementsOf(kind);
        var elements = decoder.ReadArrayLength("message");
        if (expected == 0)
        {
            return null;
        }

        if (elements < expected)
        {
            throw FrameErrors.Invalid($"{kind} has {elements} elements; expected are at least {expected}");
        }

        var message = Read(ref decoder, kind);
        for (var i = expected; i < elements; i++)
        {
            decoder.Skip("a later version's element");
        }

        decoder.RequireEnd();
        return message;
    }

    private static void Begin(ref MessagePackWriter writer, MemberMessageKind kind, int elements)
    {
        writer.Write((int)kind);
        writer.WriteArrayHeader(elements);
    }

    private static void WriteList(ref MessagePackWriter writer, MemberMessage message)
    {
        switch (message)
        {
            case Digest digest:
                Begin(ref writer, MemberMessageKind.Digest, 2);
                writer.Write(digest.Groups);
                writer.WriteArrayHeader(2 * digest.Entries.Count);
                foreach (var entry in digest.Entries)
                {
                    writer.Write(entry.Owner.Bytes.Span);
                    writer.Write(entry.Sequence);
                }

                break;
            case Records records:
                Begin(ref writer, MemberMessageKind.Records, 1);
                writer.WriteArrayHeader(records.Signed.Count);
                foreach (var record in records.Signed)
                {
                    writer.Write(record.Span);
                }

                break;
            case Want want:
                Begin(ref writer, MemberMessageKind.Want, 1);
                writer.WriteArrayHeader(want.Owners.Count);
                foreach (var owner in want.Owners)
                {
                    writer.Write(owner.Bytes.Span);
                }

                break;
            default:
                throw new ArgumentException($"{message.GetType().Name} has no layout", nameof(message));
        }
    }

    /// <returns>0: the kind is not known.</returns>
    private static int ElementsOf(MemberMessageKind kind) => kind switch
    {
        MemberMessageKind.ProbeReport => 3,
        MemberMessageKind.Hello or MemberMessageKind.ProbeRequest or MemberMessageKind.Suspect or MemberMessageKind.Digest => 2,
        >= MemberMessageKind.Hello and <= MemberMessageKind.Keep => 1,
        _ => 0,
    };

    private static MemberMessage Read(ref FrameDecoder decoder, MemberMessageKind kind) => kind switch
    {
        MemberMessageKind.Hello => new Hello(decoder.ReadInt32("version"), decoder.ReadInt64("wall clock")),
        MemberMessageKind.Probe => new Probe(decoder.ReadUInt32("nonce")),
        MemberMessageKind.Answer => new Answer(decoder.ReadUInt32("nonce")),
        MemberMessageKind.ProbeRequest => new ProbeRequest(ReadPeer(ref decoder, "target"), decoder.ReadUInt32("nonce")),
        MemberMessageKind.ProbeReport =>
            new ProbeReport(ReadPeer(ref decoder, "target"), decoder.ReadUInt32("nonce"), decoder.ReadBoolean("report")),
        MemberMessageKind.Suspect => new Suspect(ReadPeer(ref decoder, "target"), decoder.ReadUInt64("sequence")),
        MemberMessageKind.Summary => new Summary(ReadSummary(ref decoder)),
        MemberMessageKind.Digest => new Digest(decoder.ReadUInt64("groups"), ReadEntries(ref decoder)),
        MemberMessageKind.Records => new Records(ReadRecords(ref decoder)),
        MemberMessageKind.Want => new Want(ReadOwners(ref decoder)),
        _ => new Keep(decoder.ReadBoolean("need")),
    };

    private static PeerId ReadPeer(ref FrameDecoder decoder, string name)
    {
        var bytes = decoder.ReadBinary(name);
        Span<byte> multihash = stackalloc byte[PeerId.MaxBytes];
        if (bytes.Length > multihash.Length)
        {
            throw FrameErrors.TooLarge(name, bytes.Length, multihash.Length);
        }

        bytes.CopyTo(multihash);
        return PeerId.TryFromBytes(multihash[..(int)bytes.Length], out var id)
            ? id
            : throw FrameErrors.Invalid($"{name} of {bytes.Length} bytes is no peer id");
    }

    private static LedgerSummary ReadSummary(ref FrameDecoder decoder)
    {
        var bytes = decoder.ReadBinary("summary");
        return bytes.Length == LedgerSummary.Bytes
            ? LedgerSummary.FromBytes(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray())
            : throw FrameErrors.Invalid($"summary has {bytes.Length} bytes; expected are {LedgerSummary.Bytes}");
    }

    private static List<DigestEntry> ReadEntries(ref FrameDecoder decoder)
    {
        var elements = decoder.ReadArrayLength("entries");
        if (elements % 2 != 0)
        {
            throw FrameErrors.Invalid($"entries have {elements} elements; expected is an even number");
        }

        // As they come, not as many as are announced: an entry takes more memory than the bytes that announce it.
        var entries = new List<DigestEntry>();
        for (var i = 0; i < elements; i += 2)
        {
            entries.Add(new(ReadPeer(ref decoder, "owner"), decoder.ReadUInt64("sequence")));
        }

        return entries;
    }

    private static List<ReadOnlyMemory<byte>> ReadRecords(ref FrameDecoder decoder)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        for (var left = ReadLength(ref decoder, "records"); left > 0; left--)
        {
            records.Add(decoder.ReadBinary("record").ToArray());
        }

        return records;
    }

    private static List<PeerId> ReadOwners(ref FrameDecoder decoder)
    {
        var owners = new List<PeerId>();
        for (var left = ReadLength(ref decoder, "owners"); left > 0; left--)
        {
            owners.Add(ReadPeer(ref decoder, "owner"));
        }

        return owners;
    }

    private static int ReadLength(ref FrameDecoder decoder, string name)
    {
        var length = decoder.ReadArrayLength(name);
        return length <= MemberMessageLimits.MaxItems ? length : throw FrameErrors.TooLarge(name, length, MemberMessageLimits.MaxItems);
    }
}
