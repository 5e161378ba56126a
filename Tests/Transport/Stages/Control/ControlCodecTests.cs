using System.Buffers;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Frames;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Tests.Transport.Stages.Control;

/// <summary>What head and worker tell each other arrives as it was said, or is refused.</summary>
public sealed class ControlCodecTests
{
    internal static IReadOnlyList<ControlMessage> Samples { get; } =
    [
        new ControlMessage.Offer(SampleOffers.Create()),
        new ControlMessage.Progress(new StageProgress(StageState.Loading, 1L << 40, 1L << 41, 123_456)),
        SampleOffers.Ready,
        new ControlMessage.Prepare(SampleOffers.Links()),
        new ControlMessage.Prepared(7, 100),
        new ControlMessage.Prepare(SampleOffers.Links() with
        {
            Kept = new LayerRange(2, 1),
            Takes = [new StageTake(new StagePeer(SampleOffers.Peer(4), []), 4, 1, new LayerRange(2, 1))],
        }),
        new ControlMessage.Give(7, [SampleOffers.Peer(6), SampleOffers.Peer(7)]),
        new ControlMessage.Giving(7),
        new ControlMessage.Leaving(),
        new ControlMessage.Drain(),
        new ControlMessage.Connect(8),
        new ControlMessage.Connected(int.MaxValue),
        new ControlMessage.Cancel(-9),
        new ControlMessage.Heartbeat(1L << 50),
        new ControlMessage.Unload(),
        new ControlMessage.Lost(9, 3, "stream_reset", "it was reset"),
        new ControlMessage.Ended("not_enough_memory", "needs 3 GiB, größer"),
        new ControlMessage.Offer(SampleOffers.Create() with { IsStandby = true }),
        ControlMessage.Ready.Standby,
    ];

    [Fact]
    public void Comes_back_as_it_was_however_its_bytes_are_split()
    {
        foreach (var message in Samples)
        {
            var body = Body(message);
            foreach (var sequence in (ReadOnlySequence<byte>[])[body, FrameBytes.Crumbs(body.ToArray())])
            {
                AssertEqual(message, ControlCodec.Read(sequence, ControlLimits.Offer));
            }
        }
    }

    [Fact]
    public void Is_refused_when_any_part_is_missing_or_added()
    {
        foreach (var message in Samples)
        {
            var body = Body(message);
            for (var cut = 0; cut < body.Length; cut++)
            {
                Assert.Throws<SwarmException>(() => ControlCodec.Read(body.Slice(0, cut), ControlLimits.Offer));
            }

            Assert.Equal("invalid_frame", Refused([.. body.ToArray(), 0]));
        }
    }

    [Fact]
    public void An_offer_is_taken_nowhere_but_at_the_beginning()
    {
        var offer = new ControlMessage.Offer(SampleOffers.Create());
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => ControlCodec.Read(Body(offer), ControlLimits.Small)).Code);
    }

    [Fact]
    public void Passes_over_what_a_later_version_adds_to_an_offer()
    {
        var body = Body(new ControlMessage.Offer(SampleOffers.Create())).ToArray();

        // The array's head is behind the kind: one more says that there are 19 elements.
        Assert.Equal([20, 0xDC, 0, 18], body[..4]);
        body[3]++;
        AssertEqual(Samples[0], ControlCodec.Read(new([.. body, 0x91, 0x01]), ControlLimits.Offer));
    }

    [Theory]
    [InlineData(new byte[] { 11 })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 21, 2, 0, 0, 0 })]
    [InlineData(new byte[] { 21, 0, 0xFF, 0, 0 })]
    [InlineData(new byte[] { 28, 0, 0xFF, 0xA0, 0xA0 })]
    public void Refuses_what_nobody_could_mean(byte[] body) => Assert.Equal("invalid_frame", Refused(body));

    [Fact]
    public void Texts_are_cut_and_cleaned_on_both_sides()
    {
        var body = Body(new ControlMessage.Ended(new string('c', 500), "a\u001b]" + new string('x', 5_000)));
        var ended = Assert.IsType<ControlMessage.Ended>(ControlCodec.Read(body, ControlLimits.Small));
        Assert.Equal((ControlLimits.MaxCodeBytes, ControlLimits.MaxTextBytes), (ended.Code.Length, ended.Text.Length));
        Assert.StartsWith("a?]", ended.Text, StringComparison.Ordinal);
    }

    internal static ReadOnlySequence<byte> Body(ControlMessage message) =>
        FrameBytes.Body(FrameBytes.Written(frames => ControlCodec.Write(frames, message)));

    private static string Refused(byte[] body) => Assert.Throws<SwarmException>(() => ControlCodec.Read(new(body), ControlLimits.Offer)).Code;

    private static void AssertEqual(ControlMessage expected, ControlMessage found)
    {
        if (expected is ControlMessage.Prepare { Links: var links })
        {
            var place = Assert.IsType<ControlMessage.Prepare>(found).Links;
            Assert.Equal(Text(links.Next), Text(place.Next));
            Assert.Equal(links.Takes.Select(Text), place.Takes.Select(Text));
            Assert.Equal(links, place with { Next = links.Next, Takes = links.Takes });
            return;
        }

        if (expected is ControlMessage.Give give)
        {
            var given = Assert.IsType<ControlMessage.Give>(found);
            Assert.Equal(give.Takers, given.Takers);
            Assert.Equal(give, given with { Takers = give.Takers });
            return;
        }

        if (expected is not ControlMessage.Offer { Stage: var offer })
        {
            Assert.Equal(expected, found);
            return;
        }

        var read = Assert.IsType<ControlMessage.Offer>(found).Stage;
        Assert.Equal(offer.Manifest.ToArray(), read.Manifest.ToArray());
        Assert.Equal(offer.Sources.Select(Text), read.Sources.Select(Text));
        Assert.Equal(offer, read with { Manifest = offer.Manifest, Sources = offer.Sources });
    }

    private static string Text(StageTake take) => $"{Text(take.From)}: {take.Epoch} {take.Stage} {take.Layers}";

    private static string Text(StagePeer peer) => $"{peer.Id}: {string.Join(" ", peer.Addresses)}";
}
