using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Tests.Transport.Streams;

/// <summary>A libp2p stream behaves as .NET expects of a stream.</summary>
public sealed class MuxStreamAdapterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Carries_bytes_both_ways_to_the_end()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var here = one.AsStream();
        await using var there = other.AsStream();
        await here.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await here.CloseWriteAsync(Cancellation);
        await there.WriteAsync(new byte[] { 4 }, Cancellation);
        await there.CloseWriteAsync(Cancellation);
        Assert.Equal([1, 2, 3], await ReadAllAsync(there));
        Assert.Equal([4], await ReadAllAsync(here));
    }

    [Fact]
    public void Says_what_it_can_do()
    {
        using var stream = MemoryMuxStream.Pair().One.AsStream();
        Assert.Equal((true, true, false, false), (stream.CanRead, stream.CanWrite, stream.CanSeek, stream.CanTimeout));
        Assert.Throws<NotSupportedException>(() => stream.Length);
        stream.Flush();
        stream.Dispose();
        Assert.Equal((false, false), (stream.CanRead, stream.CanWrite));
    }

    [Fact]
    public void Refuses_synchronous_reads_and_writes()
    {
        using var stream = MemoryMuxStream.Pair().One.AsStream();
        Assert.Contains("ReadAsync", Assert.Throws<NotSupportedException>(() => _ = stream.ReadByte()).Message, StringComparison.Ordinal);
        Assert.Contains("WriteAsync", Assert.Throws<NotSupportedException>(() => stream.WriteByte(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_of_no_bytes_ends_at_once()
    {
        await using var stream = MemoryMuxStream.Pair().One.AsStream();
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, Cancellation));
    }

    [Fact]
    public async Task A_reset_is_an_IOException_to_readers_and_writers()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var stream = one.AsStream();
        var reading = stream.ReadAsync(new byte[1], Cancellation);
        other.Reset();
        var exception = await Assert.ThrowsAnyAsync<IOException>(async () => await reading);
        Assert.Equal("stream_reset", Assert.IsType<SwarmException>(exception.InnerException).Code);
        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.WriteAsync(new byte[1], Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.CloseWriteAsync(Cancellation));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_in_the_middle_resets_the_stream()
    {
        var (one, other) = MemoryMuxStream.Pair(capacity: 4);
        await using var stream = one.AsStream();
        using var source = new CancellationTokenSource();
        var writing = stream.WriteAsync(new byte[5], source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writing);
        Assert.True(other.IsReset);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_before_it_begins_leaves_the_stream_alone()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var stream = one.AsStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.WriteAsync(new byte[5], new CancellationToken(true)));
        Assert.False(other.IsReset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_resets_a_stream_that_is_not_closed(bool asynchronously)
    {
        var (one, other) = MemoryMuxStream.Pair();
        var stream = one.AsStream();
        if (asynchronously)
        {
            await stream.DisposeAsync();
        }
        else
        {
            stream.Dispose();
        }

        Assert.Equal((true, true), (other.IsReset, one.IsDisposed));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => _ = await stream.ReadAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task Disposing_does_not_reset_a_stream_that_is_closed_both_ways()
    {
        var (one, other) = MemoryMuxStream.Pair();
        var stream = one.AsStream();
        await stream.CloseWriteAsync(Cancellation);
        await other.CloseWriteAsync(Cancellation);
        await stream.DisposeAsync();
        Assert.False(other.IsReset);
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }
}
