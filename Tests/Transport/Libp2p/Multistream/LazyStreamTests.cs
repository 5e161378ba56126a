using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Multistream;

namespace ManagedSwarm.Tests.Transport.Libp2p.Multistream;

/// <summary>A stream that proposes its protocol with its first bytes.</summary>
public sealed class LazyStreamTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_write_carries_the_proposal()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        var stream = new LazyStream(dialer, "/a");
        await stream.WriteAsync("question"u8.ToArray(), CancellationToken);
        Assert.Equal("\u0013/multistream/1.0.0\n\u0003/a\nquestion", Encoding.UTF8.GetString(Assert.Single(dialer.Writes)));
        await stream.WriteAsync("more"u8.ToArray(), CancellationToken);
        Assert.Equal("more", Encoding.UTF8.GetString(dialer.Writes[1]));

        Assert.Equal("/a", await MultistreamListener.SelectAsync(listener, _ => true, CancellationToken));
        await listener.WriteAsync("answer"u8.ToArray(), CancellationToken);
        var buffer = new byte[100];
        Assert.Equal("answer", Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, CancellationToken)));
    }

    [Fact]
    public async Task A_first_read_makes_the_proposal_too()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        var stream = new LazyStream(dialer, "/a");
        var buffer = new byte[100];
        var read = stream.ReadAsync(buffer, CancellationToken).AsTask();
        await stream.WriteAsync("question"u8.ToArray(), CancellationToken);
        Assert.Equal(["\u0013/multistream/1.0.0\n\u0003/a\n", "question"], dialer.Writes.Select(Encoding.UTF8.GetString));
        await MultistreamListener.SelectAsync(listener, _ => true, CancellationToken);
        await listener.WriteAsync("answer"u8.ToArray(), CancellationToken);
        Assert.Equal(6, await read);
    }

    [Fact]
    public async Task A_close_without_any_bytes_makes_the_proposal_too()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        await new LazyStream(dialer, "/a").CloseWriteAsync(CancellationToken);
        Assert.Equal("/a", await MultistreamListener.SelectAsync(listener, _ => true, CancellationToken));
        Assert.Equal(0, await listener.ReadAsync(new byte[1], CancellationToken));
    }

    [Fact]
    public async Task A_large_first_write_is_not_copied_behind_the_proposal()
    {
        var (dialer, _) = MemoryDuplex.CreatePair();
        var data = new byte[LazyStream.MaxJoined + 1];
        await new LazyStream(dialer, "/a").WriteAsync(data, CancellationToken);
        Assert.Equal([24, data.Length], dialer.Writes.Select(write => write.Length));
    }

    [Fact]
    public async Task A_refusal_shows_at_the_first_read_and_resets_the_stream()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        var stream = new LazyStream(dialer, "/a");
        await stream.WriteAsync("question"u8.ToArray(), CancellationToken);
        await listener.WriteAsync(MultistreamLine.Encode(["/multistream/1.0.0", "na"]), CancellationToken);
        var exception = await Assert.ThrowsAsync<SwarmException>(() => stream.ReadAsync(new byte[10], CancellationToken).AsTask());
        Assert.Equal("protocol_refused", exception.Code);
        await listener.ReadAsync(new byte[100], CancellationToken);
        Assert.Equal(0, await listener.ReadAsync(new byte[100], CancellationToken));
    }
}
