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

    private TestPeer(Identity identity, LocalPeerOptions? options)
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

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestPeer> StartAsync(LocalPeerOptions? options = null)
    {
        var peer = new TestPeer(Identity.Generate(), options);
        await peer.Peer.StartListenAsync([AnyPort], Cancellation);
        return peer;
    }

    /// <summary>Waits for what happens soon, on another thread; what has not happened in a minute never will.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "what is waited for does not happen");
            await Task.Yield();
        }
    }

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
