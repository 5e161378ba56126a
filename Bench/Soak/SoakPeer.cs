using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Bench.Soak;

/// <summary>A local peer, the streams that it accepts, and all connections it has had since the last count.</summary>
internal sealed class SoakPeer : IAsyncDisposable
{
    /// <summary>The protocol of all streams.</summary>
    public const string ProtocolId = "/managedswarm/soak/1.0.0";

    private static readonly Multiaddress AnyPort = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    private readonly Identity _identity = Identity.Generate();
    private readonly Func<IMuxStream, Task> _serve;
    private readonly Action<string> _report;
    private readonly HashSet<PeerConnection> _connections = [];
    private readonly IStreamListener _listener;
    private readonly Task _accepting;
    private int _idleTasks;
    private int _serving;

    private SoakPeer(byte[] preSharedKey, Func<IMuxStream, Task> serve, Action<string> report)
    {
        (_serve, _report) = (serve, report);
        Peer = new(_identity, CreateOptions(preSharedKey));
        Peer.Connected += _ => Watch();
        Peer.Disconnected += OnDisconnected;
        _listener = Peer.Listen(ProtocolId);
        _accepting = AcceptAsync();
    }

    public LocalPeer Peer { get; }

    /// <param name="preSharedKey">The private network's key.</param>
    /// <param name="serve">Takes each stream that comes, and throws nothing.</param>
    /// <param name="report">Hears of sessions that end for no good reason.</param>
    public static async Task<SoakPeer> StartAsync(byte[] preSharedKey, Func<IMuxStream, Task> serve, Action<string> report)
    {
        var peer = new SoakPeer(preSharedKey, serve, report);
        await peer.Peer.StartListenAsync([AnyPort]);
        peer._idleTasks = peer.Peer.TaskCount;
        return peer;
    }

    public async Task<IMuxStream> OpenStreamAsync(SoakPeer other, CancellationToken cancellationToken)
    {
        var stream = await Peer.OpenStreamAsync(other.Peer.PeerId, ProtocolId, cancellationToken);
        Watch();
        return stream;
    }

    /// <summary>Ends the session with another peer, if there is one, and what is under way in it.</summary>
    public async Task CutAsync(SoakPeer other)
    {
        Watch();
        if (Peer.Sessions.FirstOrDefault(session => session.RemotePeer == other.Peer.PeerId) is { } session)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>Ends all sessions.</summary>
    public Task CloseAsync()
    {
        Watch();
        return Task.WhenAll(Peer.Sessions.Select(session => session.DisposeAsync().AsTask()));
    }

    public Leftovers Count()
    {
        lock (_connections)
        {
            return new(
                Volatile.Read(ref _serving),
                Peer.Sessions.Count,
                Math.Max(Peer.Connections.Count, Peer.ConnectionCount),
                _connections.Sum(connection => connection.StreamCount),
                _connections.Sum(connection => connection.Buffers.Count),
                Peer.TaskCount - _idleTasks);
        }
    }

    /// <summary>Forgets the connections it has had.</summary>
    public void Forget()
    {
        lock (_connections)
        {
            _connections.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _accepting;
        await Peer.DisposeAsync();
        _idleTasks = 0;
        _identity.Dispose();
    }

    private static LocalPeerOptions CreateOptions(byte[] preSharedKey) => new()
    {
        PreSharedKey = preSharedKey,
        Timeouts = new() { Drain = TimeSpan.FromSeconds(2), Identify = TimeSpan.FromSeconds(30), Negotiation = TimeSpan.FromSeconds(60) },

        // Resets are part of the plan.
        Yamux = new() { VainStreamBurst = int.MaxValue },
    };

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            Interlocked.Increment(ref _serving);
            _ = ServeAsync(stream);
        }
    }

    private async Task ServeAsync(IMuxStream stream)
    {
        await Task.Yield();
        await _serve(stream);
        Interlocked.Decrement(ref _serving);
    }

    private void Watch()
    {
        var connections = Peer.Connections;
        lock (_connections)
        {
            _connections.UnionWith(connections);
        }
    }

    private void OnDisconnected(ISession session, SwarmException reason)
    {
        if (reason.Code is not ("session_closed" or "connection_lost"))
        {
            _report($"{Peer.PeerId}'s session with {session.RemotePeer} ended: {reason.Code}: {reason.Message}");
        }
    }
}
