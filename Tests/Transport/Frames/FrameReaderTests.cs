using System.Buffers;
using System.IO.Pipelines;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>Frames are cut out of a stream as they were put in, and what is no frame is refused.</summary>
public sealed class FrameReaderTests
{
    private static readonly FrameLimits Small = new() { MaxFrameBytes = 100 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_frames_one_by_one_to_the_end()
    {
        byte[] bytes = [.. FrameBytes.SampleHelloFrame(), .. FrameBytes.SampleStepFrame(), .. FrameBytes.SampleHelloFrame()];
        var reader = ReaderOf(bytes);
        foreach (var expected in (byte[][])[FrameBytes.SampleHelloFrame(), FrameBytes.SampleStepFrame(), FrameBytes.SampleHelloFrame()])
        {
            Assert.Equal(expected[FramePrefix.Size..], (await reader.ReadAsync(Cancellation)).ToArray());
            reader.Advance();
        }

        Assert.True((await reader.ReadAsync(Cancellation)).IsEmpty);
    }

    [Fact]
    public async Task A_stream_that_ends_within_a_frame_is_an_error_at_every_byte()
    {
        var frame = FrameBytes.SampleStepFrame();
        for (var cut = 1; cut < frame.Length; cut++)
        {
            var exception = await Assert.ThrowsAsync<SwarmException>(async () => await ReaderOf(frame[..cut]).ReadAsync(Cancellation));
            Assert.Equal("truncated_frame", exception.Code);
        }
    }

    [Fact]
    public void Cuts_a_frame_out_of_pieces_split_at_every_byte()
    {
        var frame = FrameBytes.SampleStepFrame();
        byte[] bytes = [.. frame, 1, 2, 3];
        for (var at = 0; at <= bytes.Length; at++)
        {
            CheckTaken(FrameBytes.Split(bytes, at), frame);
        }

        CheckTaken(FrameBytes.Crumbs(bytes), frame);
    }

    [Theory]
    [InlineData(new byte[] { 101, 0, 0, 0 }, "frame_too_large", "101", "100")]
    [InlineData(new byte[] { 255, 255, 255, 255 }, "frame_too_large", "4294967295", "100")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "invalid_frame", "no bytes", "at least one")]
    public async Task Refuses_a_length_and_goes_on_refusing(byte[] prefix, string code, string found, string allowed)
    {
        var reader = ReaderOf(prefix, Small);
        for (var i = 0; i < 2; i++)
        {
            var exception = await Assert.ThrowsAsync<SwarmException>(async () => await reader.ReadAsync(Cancellation));
            Assert.Equal(code, exception.Code);
            Assert.Contains(found, exception.Message, StringComparison.Ordinal);
            Assert.Contains(allowed, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelling_loses_nothing()
    {
        var frame = FrameBytes.SampleHelloFrame();
        var pipe = new Pipe();
        var reader = new FrameReader(pipe.Reader, FrameLimits.Default);
        await pipe.Writer.WriteAsync(frame.AsMemory(0, 5), Cancellation);
        using var source = new CancellationTokenSource();
        var cancelled = reader.ReadAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);

        var interrupted = reader.ReadAsync(Cancellation);
        pipe.Reader.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await interrupted);

        var reading = reader.ReadAsync(Cancellation);
        await pipe.Writer.WriteAsync(frame.AsMemory(5), Cancellation);
        Assert.Equal(frame[FramePrefix.Size..], (await reading).ToArray());
    }

    [Fact]
    public async Task Holds_one_frame_at_a_time()
    {
        var reader = ReaderOf([.. FrameBytes.SampleHelloFrame(), .. FrameBytes.SampleHelloFrame()]);
        Assert.Throws<InvalidOperationException>(reader.Advance);
        await reader.ReadAsync(Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.ReadAsync(Cancellation));
        reader.Advance();
        Assert.False((await reader.ReadAsync(Cancellation)).IsEmpty);
    }

    private static void CheckTaken(ReadOnlySequence<byte> bytes, byte[] frame)
    {
        Assert.True(FramePrefix.TryTake(ref bytes, FrameLimits.Default.MaxFrameBytes, out var taken));
        Assert.Equal(frame[FramePrefix.Size..], taken.ToArray());
        Assert.Equal([1, 2, 3], bytes.ToArray());
    }

    private static FrameReader ReaderOf(byte[] bytes, FrameLimits? limits = null) =>
        new(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), limits ?? FrameLimits.Default);
}
