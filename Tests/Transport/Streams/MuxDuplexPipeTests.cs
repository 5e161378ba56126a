using System.IO.Pipelines;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Tests.Transport.Streams;

/// <summary>A libp2p stream as two pipes, and frames over them.</summary>
public sealed class MuxDuplexPipeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Carries_more_than_a_stream_holds()
    {
        var (one, other) = MemoryMuxStream.Pair(capacity: 1_000);
        await using var here = one.AsDuplexPipe(bufferSize: 300);
        await using var there = other.AsDuplexPipe(bufferSize: 700);
        var sent = new byte[100_000];
        new Random(1).NextBytes(sent);
        var sending = SendAsync(here.Output, sent);
        var received = new MemoryStream();
        await there.Input.CopyToAsync(received, Cancellation);
        await sending;
        Assert.Equal(sent, received.ToArray());
        await there.Output.CompleteAsync();
        Assert.True((await here.Input.ReadAsync(Cancellation)).IsCompleted);
    }

    [Fact]
    public async Task Completing_sends_what_is_left_and_closes_the_direction()
    {
        var (one, other) = MemoryMuxStream.Pair();
        var pipe = one.AsDuplexPipe();
        pipe.Output.GetSpan(1)[0] = 7;
        pipe.Output.Advance(1);
        pipe.Output.Complete();
        var buffer = new byte[2];
        Assert.Equal(1, await other.ReadAsync(buffer, Cancellation));
        Assert.Equal(0, await other.ReadAsync(buffer, Cancellation));
        await other.CloseWriteAsync(Cancellation);
        await pipe.DisposeAsync();
        Assert.False(other.IsReset);
    }

    [Fact]
    public async Task Completing_with_an_exception_resets_the_stream()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var pipe = one.AsDuplexPipe();
        await pipe.Output.CompleteAsync(new InvalidOperationException());
        Assert.True(other.IsReset);
    }

    [Fact]
    public async Task A_reset_is_an_IOException_to_readers_and_writers()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var pipe = one.AsDuplexPipe();
        var reading = pipe.Input.ReadAsync(Cancellation);
        other.Reset();
        await Assert.ThrowsAnyAsync<IOException>(async () => await reading);
        await Assert.ThrowsAnyAsync<IOException>(async () => await pipe.Output.WriteAsync(new byte[1], Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(async () => await pipe.Output.CompleteAsync());
    }

    [Fact]
    public async Task Disposing_resets_a_stream_that_is_not_closed()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await one.AsDuplexPipe().DisposeAsync();
        Assert.Equal((true, true), (other.IsReset, one.IsDisposed));
    }

    [Fact]
    public async Task Frames_over_it_see_the_stream_s_own_error()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var pipe = one.AsDuplexPipe();
        var reader = new FrameReader(pipe.Input, FrameLimits.Default);
        var writer = new FrameWriter(pipe.Output, FrameLimits.Default);
        var reading = reader.ReadAsync(Cancellation);
        other.Reset();
        Assert.Equal("stream_reset", (await Assert.ThrowsAsync<SwarmException>(async () => await reading)).Code);
        var values = writer.Begin();
        values.Write(1);
        writer.End(ref values);
        Assert.Equal("stream_reset", (await Assert.ThrowsAsync<SwarmException>(async () => await writer.FlushAsync(Cancellation))).Code);
    }

    private static async Task SendAsync(PipeWriter output, byte[] bytes)
    {
        await output.WriteAsync(bytes, Cancellation);
        await output.CompleteAsync();
    }
}
