using System.Buffers;
using ManagedSwarm.Tests.Transport.Frames;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership.Messages;

/// <summary>What members tell each other, as bytes.</summary>
public sealed class MemberMessageTests
{
    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, MemberMessages.Samples.Count)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Comes_back_as_it_was_and_has_the_size_that_was_said(int sample)
    {
        var message = MemberMessages.Samples[sample];
        var frame = MemberMessages.Frame(message);
        Assert.Equal(frame.Length, MemberMessageSize.Of(message));
        for (var at = 0; at <= frame.Length - FramePrefix.Size; at += Math.Max(1, frame.Length / 50))
        {
            var read = MemberMessageCodec.Read(FrameBytes.Split(frame.AsMemory(FramePrefix.Size), at))!;
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal(frame, MemberMessages.Frame(read));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Is_refused_when_any_part_is_missing(int sample)
    {
        var body = FrameBytes.Body(MemberMessages.Frame(MemberMessages.Samples[sample]));
        for (var cut = 0; cut < body.Length; cut++)
        {
            Assert.Equal("invalid_frame", Assert.Throws<SwarmException>(() => MemberMessageCodec.Read(body.Slice(0, cut))).Code);
        }
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over()
    {
        Assert.Null(Read(static (ref writer) =>
        {
            writer.Write(11);
            writer.WriteArrayHeader(0);
        }));
        Assert.Equal(new MemberMessage.Probe(5), Read(static (ref writer) =>
        {
            writer.Write((int)MemberMessageKind.Probe);
            writer.WriteArrayHeader(2);
            writer.Write(5);
            writer.WriteMapHeader(0);
        }));
    }

    [Theory]
    [InlineData(8192, "frame_too_large")]
    [InlineData(1025, "frame_too_large")]
    [InlineData(1024, null)]
    public void Too_many_records_are_refused(int count, string? code)
    {
        MemberMessage? ReadRecords() => Read((ref writer) =>
        {
            writer.Write((int)MemberMessageKind.Records);
            writer.WriteArrayHeader(1);
            writer.WriteArrayHeader(count);
            for (var i = 0; i < count; i++)
            {
                writer.Write(ReadOnlySpan<byte>.Empty);
            }
        });
        if (code is null)
        {
            Assert.Equal(count, Assert.IsType<MemberMessage.Records>(ReadRecords()).Signed.Count);
            return;
        }

        Assert.Equal(code, Assert.Throws<SwarmException>(ReadRecords).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(45)]
    [InlineData(38)]
    public void What_is_no_peer_id_is_refused(int bytes) =>
        Assert.Throws<SwarmException>(() => Read((ref writer) =>
        {
            writer.Write((int)MemberMessageKind.Want);
            writer.WriteArrayHeader(1);
            writer.WriteArrayHeader(1);
            writer.Write(new byte[bytes]);
        }));

    [Fact]
    public void Damaged_ones_are_read_or_refused() => Fuzz.Run(20_261_201, mutation =>
    {
        var frame = mutation.Of(MemberMessages.Frame(mutation.Pick(MemberMessages.Samples))[FramePrefix.Size..]);
        return MemberMessageCodec.Read(new ReadOnlySequence<byte>(frame)) is not null;
    });

    [Fact]
    public void Summaries_differ_in_the_groups_of_the_records_that_differ()
    {
        var (one, other) = (new LedgerSummary(), new LedgerSummary());
        var key = LedgerSummary.KeyOf(MemberMessages.First);
        one.Toggle(key, 4);
        other.Toggle(key, 5);
        Assert.Equal(1UL << LedgerSummary.BucketOf(key), one.DifferenceTo(other));
        other.Toggle(key, 5);
        other.Toggle(key, 4);
        Assert.Equal(0UL, one.DifferenceTo(other));
        Assert.Equal(0UL, one.DifferenceTo(LedgerSummary.FromBytes(other.ToBytes())));
    }

    private static MemberMessage? Read(FrameValues values) => MemberMessageCodec.Read(FrameBytes.Body(FrameBytes.Of(values)));
}
