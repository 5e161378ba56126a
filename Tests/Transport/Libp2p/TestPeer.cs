using System.Diagnostics;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>A peer that listens on this machine and echoes. Its disposal asserts that nothing of it is left.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    public const string Echo = "/managedswarm/echo/1.0.0";

    private static readonly Multiaddress AnyPort = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    private readonly Identity _identity;
    private readonly IStreamListener _echo;
    private readonly Task _echoing;

    private TestPeer(Identity identity, LocalPeerOptions options)
    {
        _identity = identity;
        Peer = new LocalPeer(identity, options);
        _echo = Peer.Listen(Echo);
        _echoing = EchoAsync();
    }

    public LocalPeer Peer { get; }

    public PeerId Id => Peer.PeerId;

    public Multiaddress Address => Peer.ListenAddresses[0];

    public static LocalPeerOptions Hidden { get; } = new()
    {
        PreSharedKey = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray(),
        Prologue = Enumerable.Range(101, 32).Select(i => (byte)i).ToArray(),
    };

    /// <summary>Long enough for a busy machine: so long do peers wait for each other by the real clock.</summary>
    public static LocalPeerTimeouts Patient { get; } = new()
    {
        Connect = TimeSpan.FromMinutes(2),
        Handshake = TimeSpan.FromMinutes(2),
        Negotiation = TimeSpan.FromMinutes(2),
        Identify = TimeSpan.FromMinutes(2),
        Ping = TimeSpan.FromMinutes(2),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="options">Those of the peer; with the real clock and no timeouts of its own, it is patient.</param>
    public static async Task<TestPeer> StartAsync(LocalPeerOptions? options = null)
    {
        var peer = new TestPeer(Identity.Generate(), Patiently(options ?? new()));
        await peer.Peer.StartListenAsync([AnyPort], Cancellation);
        return peer;
    }

    /// <summary>Waits for what happens soon, on another thread; what has not happened in some minutes never will.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(3), "what is waited for does not happen");
            await Task.Yield();
        }
    }

    /// <summary>As the options are, but for timeouts of the product that a busy machine could miss.</summary>
    public static LocalPeerOptions Patiently(LocalPeerOptions options) =>
        options.Time == TimeProvider.System && options.Timeouts == new LocalPeerTimeouts() ? options with { Timeouts = Patient } : options;

    /// <summary>Sends bytes to a peer's echo and checks that they come back.</summary>
    public static async Task EchoAsync(IMuxStream stream, byte[] bytes)
    {
        await using (stream)
        {
            var sending = SendAsync();
            var echoed = await ReadAllAsync(stream);
            Assert.True(bytes.AsSpan().SequenceEqual(echoed));
            await sending;
        }

        async Task SendAsync()
        {
            await stream.WriteAsync(bytes, Cancellation);
            await stream.CloseWriteAsync(Cancellation);
        }
    }

    public static async Task<byte[]> ReadAllAsync(IMuxStream stream)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int count; (count = await stream.ReadAsync(buffer, Cancellation)) > 0;)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        var connections = Peer.Connections;
        await Peer.DisposeAsync();
        await _echo.DisposeAsync();
        await _echoing;
        _identity.Dispose();
        Assert.Empty(Peer.Sessions);
        Assert.Equal(0, Peer.ConnectionCount);
        Assert.All(connections, connection => Assert.Equal(0, connection.Buffers.Count));
    }

    private async Task EchoAsync()
    {
        var tasks = new RunningTasks();
        while (await _echo.AcceptAsync() is { } stream)
        {
            tasks.Add(EchoAsync(stream));
        }

        await tasks.WhenEmptyAsync();
    }

    private static async Task EchoAsync(IMuxStream stream)
    {
        await using (stream)
        {
            try
            {
                var buffer = new byte[64 << 10];
                for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, count));
                }

                await stream.CloseWriteAsync();
            }
            catch (SwarmException)
            {
                // The other side has given up.
            }
        }
    }
}
