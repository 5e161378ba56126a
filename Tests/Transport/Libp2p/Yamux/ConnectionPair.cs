using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Two connections that are each other's other side.</summary>
internal sealed class ConnectionPair : IAsyncDisposable
{
    public ConnectionPair(YamuxOptions? options = null, TimeProvider? time = null, int capacity = 128 * 1024, int? seed = null)
    {
        var (first, second) = MemoryChannel.CreatePair(capacity, seed);
        Dialer = new YamuxConnection(first, isDialer: true, options, time);
        Listener = new YamuxConnection(second, isDialer: false, options, time);
    }

    public YamuxConnection Dialer { get; }

    public YamuxConnection Listener { get; }

    /// <summary>A stream that the dialer opens, and the listener's end of it.</summary>
    public async Task<(YamuxStream Near, YamuxStream Far)> OpenAsync(CancellationToken cancellationToken)
    {
        var near = await Dialer.OpenStreamAsync(cancellationToken);
        var far = await Listener.AcceptAsync(cancellationToken);
        Assert.NotNull(far);
        Assert.Equal(near.Id, far.Id);
        return (near, far);
    }

    /// <summary>Closes both, and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
        foreach (var connection in (YamuxConnection[])[Dialer, Listener])
        {
            Assert.NotNull(connection.CloseReason);
            Assert.Equal((0, 0), (connection.StreamCount, connection.Buffers.Count));
        }
    }
}
