using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using MessagePack;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What a record says, which is what is signed.</summary>
/// <remarks>
/// One MessagePack value. Each of its arrays may have further elements in later versions, which are passed over.
/// <code>
/// array
///   bin    owner: the multihash of its peer id
///   int    sequence number, 1 to 2^63 - 1
///   int    time to live in milliseconds
///   int    flags: 1 = tombstone; others are passed over
///   array  facts: see NodeFactsFormat
/// </code>
/// </remarks>
internal sealed record RecordPayload(PeerId Owner, ulong Sequence, TimeSpan TimeToLive, bool IsTombstone, NodeFacts Facts)
{
    private const int Elements = 5;
    private const int TombstoneFlag = 1;

    // Single values are held against RecordLimits; later versions' may be anything that has room in a record.
    private static readonly FrameLimits Limits = new()
    {
        MaxArrayLength = RecordLimits.MaxBytes,
        MaxBinaryBytes = RecordLimits.MaxBytes,
        MaxStringBytes = RecordLimits.MaxBytes,
    };

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c>, <c>invalid_record</c>, <c>invalid_peer_id</c></exception>
    public static RecordPayload Read(in ReadOnlySequence<byte> bytes)
    {
        var decoder = new FrameDecoder(bytes, Limits);
        var elements = RecordReading.RequireElements(ref decoder, "a record", Elements);
        var payload = new RecordPayload(
            PeerId.FromBytes(RecordReading.ReadBinary(ref decoder, "owner", PeerId.MaxBytes)),
            (ulong)RecordReading.ReadInRange(ref decoder, "sequence number", 1, long.MaxValue),
            TimeSpan.FromMilliseconds(RecordReading.ReadInRange(
                ref decoder,
                "time to live",
                (long)RecordLimits.MinTimeToLive.TotalMilliseconds,
                (long)RecordLimits.MaxTimeToLive.TotalMilliseconds)),
            (RecordReading.ReadInRange(ref decoder, "flags", 0, int.MaxValue) & TombstoneFlag) != 0,
            NodeFactsFormat.Read(ref decoder));
        RecordReading.SkipLater(ref decoder, elements - Elements);
        decoder.RequireEnd();
        return payload;
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(1 << 10);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Elements);
        writer.Write(Owner.Bytes.Span);
        writer.Write(Sequence);
        writer.Write((long)TimeToLive.TotalMilliseconds);
        writer.Write(IsTombstone ? TombstoneFlag : 0);
        NodeFactsFormat.Write(ref writer, Facts);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
