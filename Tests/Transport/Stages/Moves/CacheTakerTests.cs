using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Moves;

namespace ManagedSwarm.Tests.Transport.Stages.Moves;

/// <summary>Keys and values that come from another node: whoever it is, nothing is made of what does not fit.</summary>
public sealed class CacheTakerTests
{
    private static readonly LayerRange Layers = new(2, 2);
    private static readonly StageOffer Offer = SampleOffers.Create() with { Layers = Layers };
    private static readonly Attachment Target = new(Offer.Plan, 4, 1);
    private static readonly StageOptions Options = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_what_a_giver_gives()
    {
        var (from, to) = (new HistoryStage(new LayerRange(1, 4)), new HistoryStage(Layers));
        await FillAsync(from);
        var giver = new CacheGiver(from, Target, [SampleOffers.Peer(1)], Options);
        var (dialer, listener) = Pair();
        await using (dialer)
        {
            Assert.Null(giver.Take(listener));
            Assert.Null(await dialer.ReadAsync(Attachment.Limits, Attachment.ReadAnswer, Cancellation));
            var ids = new List<long>();
            await Taker(to).TakeAsync(dialer, Layers, ids.AddRange, Cancellation);
            Assert.Equal([1, 2], ids.Order());
        }

        await giver.DisposeAsync();
        Assert.Equal(Bytes(from), Bytes(to));
    }

    [Fact]
    public async Task Gives_nothing_to_whom_the_head_has_not_named_nor_behind_its_end()
    {
        var giver = new CacheGiver(new HistoryStage(Layers), Target, [SampleOffers.Peer(2)], Options);
        var (dialer, listener) = Pair();
        Assert.Equal("unknown_plan", giver.Take(listener)?.Code);
        giver = new CacheGiver(new HistoryStage(Layers), Target, [SampleOffers.Peer(1)], Options);
        await giver.DisposeAsync();
        Assert.Equal("wrong_epoch", giver.Take(listener)?.Code);
        await dialer.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 2)]
    [InlineData(2, 0)]
    [InlineData(2, int.MaxValue)]
    public async Task Gives_no_layers_that_it_does_not_have(int first, int count)
    {
        var giver = new CacheGiver(new HistoryStage(Layers), Target, [SampleOffers.Peer(1)], Options);
        var (dialer, listener) = Pair();
        await using (dialer)
        {
            Assert.Null(giver.Take(listener));
            Assert.Null(await dialer.ReadAsync(Attachment.Limits, Attachment.ReadAnswer, Cancellation));
            await Assert.ThrowsAnyAsync<SwarmException>(
                () => Taker(new HistoryStage(Layers)).TakeAsync(dialer, new LayerRange(first, count), _ => { }, Cancellation));
        }

        await giver.DisposeAsync();
    }

    [Fact]
    public async Task Refuses_blocks_of_another_layout_or_size()
    {
        Assert.Equal("not_movable", await RefusedAsync(Header(layout: 8, bytes: 256, count: 1)));
        Assert.Equal("not_movable", await RefusedAsync(Header(layout: 7, bytes: 255, count: 1)));
        Assert.Equal("not_movable", await RefusedAsync(Header(layout: 7, bytes: long.MaxValue, count: 1)));
    }

    [Fact]
    public async Task Refuses_more_sequences_and_blocks_than_there_can_be()
    {
        Assert.Equal("frame_too_large", await RefusedAsync(Header(7, 256, CacheFrames.MaxSequences + 1)));
        Assert.Equal("frame_too_large", await RefusedAsync(Header(7, 256, -1)));

        // The cache has 512 blocks.
        Assert.Equal("frame_too_large", await RefusedAsync(Header(7, 256, 1), Sequence(1, 16 * 513, 513)));
    }

    [Fact]
    public async Task Refuses_blocks_out_of_order_or_of_another_number()
    {
        var (header, sequence) = (Header(7, 256, 1), Sequence(1, 40, 3));
        Assert.Equal("invalid_frame", await RefusedAsync(header, sequence, Blocks(3, 0, 256)));
        Assert.Equal("invalid_frame", await RefusedAsync(header, sequence, Blocks(2, 1, 256)));
        Assert.Equal("invalid_frame", await RefusedAsync(header, sequence, Blocks(2, 0, 255)));
        Assert.Equal("invalid_frame", await RefusedAsync(header, sequence, Blocks(2, 0, 0)));
        Assert.Equal("invalid_frame", await RefusedAsync(header, sequence, Blocks(2, 0, 4 * 256)));
        Assert.Equal("stream_closed", await RefusedAsync(header, sequence, Blocks(2, 0, 3 * 256)));
        Assert.Equal("invalid_frame", await RefusedAsync(header, header));
        Assert.Equal("stream_closed", await RefusedAsync());
    }

    [Fact]
    public async Task Refuses_a_second_giver_that_knows_other_sequences()
    {
        var stage = new HistoryStage(Layers);
        var taker = Taker(stage);
        await TakeAsync(taker, new LayerRange(2, 1), Header(7, 256, 1), Sequence(1, 20, 2), Blocks(2, 0, 512));
        foreach (var other in (Action<FrameWriter>[])[Sequence(1, 21, 2), Sequence(2, 20, 2)])
        {
            var refusal = await Assert.ThrowsAsync<SwarmException>(() => TakeAsync(taker, new LayerRange(3, 1), Header(7, 256, 1), other));
            Assert.Equal("sequences_differ", refusal.Code);
        }

        var fewer = await Assert.ThrowsAsync<SwarmException>(() => TakeAsync(taker, new LayerRange(3, 1), Header(7, 256, 0)));
        Assert.Equal("sequences_differ", fewer.Code);

        // The same ones in other blocks are fine.
        await TakeAsync(taker, new LayerRange(3, 1), Header(7, 256, 1), Sequence(1, 20, 2, first: 5), Blocks(3, 5, 512));
    }

    private static async Task<string> RefusedAsync(params Action<FrameWriter>[] frames)
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TakeAsync(Taker(new HistoryStage(Layers)), Layers, frames));
        return (refusal as SwarmException)?.Code ?? Assert.IsType<EngineException>(refusal).Code;
    }

    /// <summary>A giver says what it likes.</summary>
    private static async Task TakeAsync(CacheTaker taker, LayerRange layers, params Action<FrameWriter>[] frames)
    {
        var (dialer, listener) = Pair();
        await using (dialer)
        await using (listener)
        {
            foreach (var write in frames)
            {
                write(listener.Writer);
            }

            await listener.Writer.FlushAsync(Cancellation);
            await listener.CloseWriteAsync(Cancellation);
            await taker.TakeAsync(dialer, layers, _ => { }, Cancellation);
        }
    }

    private static Action<FrameWriter> Header(int layout, long bytes, int count) => frames =>
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Sequences);
        writer.Write(layout);
        writer.Write(bytes);
        writer.Write(count);
        frames.End(ref writer);
    };

    private static Action<FrameWriter> Sequence(long id, int length, int blocks, int first = 0) =>
        frames => CacheFrames.WriteSequence(frames, new CachedSequence(id, length, [.. Enumerable.Range(first, blocks)]));

    private static Action<FrameWriter> Blocks(int layer, int first, int bytes) =>
        frames => CacheFrames.WriteBlocks(frames, layer, first, new byte[bytes]);

    private static CacheTaker Taker(HistoryStage stage) => new(stage, Offer, null!, Options);

    private static (StageLink Dialer, StageLink Listener) Pair()
    {
        var (dialer, listener) = LoopbackStream.CreatePair("/cache", SampleOffers.Peer(1));
        return (new(dialer), new(listener));
    }

    private static async Task FillAsync(HistoryStage stage)
    {
        var batch = new StepBatch(
            1, 0, [SequenceOperation.Open(1, 99), SequenceOperation.Open(2, 99)], [new Segment(1, 0, 33), new Segment(2, 0, 5)], 4);
        for (var i = 0; i < batch.Hidden.Length; i++)
        {
            batch.Hidden.Span[i] = i;
        }

        (await stage.StepAsync(batch, Cancellation)).Dispose();
    }

    private static byte[] Bytes(HistoryStage stage)
    {
        var bytes = new List<byte>();
        foreach (var block in stage.Sequences.SelectMany(sequence => sequence.Blocks))
        {
            for (var layer = Layers.First; layer < Layers.End; layer++)
            {
                var some = new byte[stage.BlockBytes];
                stage.ReadBlock(layer, block, some);
                bytes.AddRange(some);
            }
        }

        return [.. bytes];
    }
}
