using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Ping;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Libp2p;

/// <inheritdoc cref="ILocalPeer"/>
public sealed class LocalPeer : ILocalPeer
{
    private readonly LocalPeerOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerContext _context;
    private readonly ConnectionQuota _quota;
    private readonly Upgrader _upgrader;
    private readonly SessionTable _sessions;
    private readonly PeerListener _listener;
    private readonly Dialer _dialer;
    private readonly SharedDials<Session> _dials;
    private readonly IdentifyProtocol _identify;
    private readonly PushLoop<Session> _pushes;
    private readonly PingProtocol _ping;
    private readonly Lazy<Task> _disposal;

    /// <param name="identity">Who it is. Stays the caller's.</param>
    /// <param name="options">How it works; null: an open network, and the defaults.</param>
    public LocalPeer(Identity identity, LocalPeerOptions? options = null)
    {
        _options = options ?? new();
        _context = new(
            identity.PeerId,
            _options,
            new ProtocolTable(),
            new PeerStore(_options.Limits.KnownPeers),
            _options.Metrics ?? new TransportMetrics(_options.Meters, () => Sessions.Count, () => Connections.Sum(connection => connection.StreamCount)),
            new RunningTasks(),
            _stop.Token);
        _dials = new(_context.Tasks);
        _quota = new(_options.Limits);
        _upgrader = new(identity, CreateUpgradeOptions(_options));
        _sessions = new(_context);
        _listener = new(_context, _upgrader, _quota, _sessions);
        _dialer = new(_context, _upgrader, _quota, _sessions);
        _ping = new(_options.Timeouts.Ping, _options.Time);
        _identify = new(_context, identity.PublicKeyMessage, () => ListenAddresses);
        _pushes = new(() => _sessions.All, _identify.PushAsync, _context.Tasks);
        _disposal = new(StopAsync);
        Start();
    }

    public event Action<ISession>? Connected
    {
        add => _sessions.Connected += value;
        remove => _sessions.Connected -= value;
    }

    public event Action<ISession, SwarmException>? Disconnected
    {
        add => _sessions.Disconnected += value;
        remove => _sessions.Disconnected -= value;
    }

    public PeerId PeerId => _context.Self;

    public IReadOnlyList<Multiaddress> ListenAddresses => _listener.Addresses;

    public IReadOnlyCollection<ISession> Sessions => _sessions.All;

    public PeerStore PeerStore => _context.Store;

    /// <summary>The session with a peer; null: there is none, or it is ending.</summary>
    internal ISession? Find(PeerId peer) => _sessions.Find(peer);

    /// <summary>All connections: two for moments after two peers have dialed each other.</summary>
    internal IReadOnlyCollection<PeerConnection> Connections => _sessions.Connections;

    /// <summary>What it measures.</summary>
    internal TransportMetrics Metrics => _context.Metrics;

    /// <summary>Connections that count, those in their handshakes included.</summary>
    internal int ConnectionCount => _quota.Count;

    /// <summary>Tasks that its disposal waits for: one where there is no connection, the one that tells others what changes.</summary>
    internal int TaskCount => _context.Tasks.Count;

    public async Task StartListenAsync(IReadOnlyList<Multiaddress>? addresses = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _listener.ListenAsync(addresses ?? _options.ListenAddresses);
        _pushes.Signal();
    }

    public ValueTask<ISession> DialAsync(Multiaddress address, CancellationToken cancellationToken = default) => DialAsync([address], cancellationToken);

    public async ValueTask<ISession> DialAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken = default)
    {
        var peer = PeerOf(addresses);
        if (peer == PeerId)
        {
            throw Dialer.DialedSelf(addresses[0]);
        }

        return peer is null ? await DialAnyAsync(addresses, cancellationToken) : await DialAsync(peer, addresses, cancellationToken);
    }

    public async ValueTask<ISession> DialAsync(PeerId peer, CancellationToken cancellationToken = default)
    {
        if (_sessions.Find(peer) is { } session)
        {
            return session;
        }

        return PeerStore.AddressesOf(peer) is { Count: > 0 } addresses
            ? await DialAsync(addresses, cancellationToken)
            : throw new SwarmException("unknown_peer", $"No address of {peer} is known.");
    }

    public async ValueTask<IMuxStream> OpenStreamAsync(PeerId peer, string protocolId, CancellationToken cancellationToken = default)
    {
        var session = await DialAsync(peer, cancellationToken);
        return await session.OpenStreamAsync(protocolId, cancellationToken);
    }

    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken = default) =>
        await _ping.PingAsync(await DialAsync(peer, cancellationToken), cancellationToken);

    public IStreamListener Listen(string protocolId) => new StreamListener(protocolId, _context.Protocols, _options.Limits.WaitingStreams);

    /// <summary>Stops listening, gives up dials, ends all sessions, and waits for all that runs.</summary>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    private static UpgradeOptions CreateUpgradeOptions(LocalPeerOptions options) => new()
    {
        PreSharedKey = options.PreSharedKey.IsEmpty ? null : new PreSharedKey(options.PreSharedKey.Span),
        Prologue = options.Prologue,
        Muxers = PeerConnection.Muxers,
        OffersMuxersEarly = options.OffersMuxersEarly,
        HandshakeTimeout = options.Timeouts.Handshake,
        TimeProvider = options.Time,
    };

    private static PeerId? PeerOf(IReadOnlyList<Multiaddress> addresses)
    {
        ArgumentOutOfRangeException.ThrowIfZero(addresses.Count);
        var peers = addresses.Select(address => address.PeerId).OfType<PeerId>().Distinct().ToList();
        return peers.Count <= 1
            ? peers.SingleOrDefault()
            : throw new SwarmException("invalid_address", $"The addresses to dial are those of {peers.Count} peers, not of one.");
    }

    private void Start()
    {
        _context.Protocols.Add(IdentifyProtocol.Id, _identify.ServeAsync);
        _context.Protocols.Add(IdentifyProtocol.PushId, (stream, _, _) => _identify.HearAsync(stream, _sessions.Find));
        _context.Protocols.Add(PingProtocol.Id, _ping.ServeAsync);
        _context.Protocols.Changed += _pushes.Signal;
        _sessions.Joined += session => _context.Tasks.Add(_identify.AskAsync(session));
        _context.Tasks.Add(_pushes.RunAsync(_stop.Token));
    }

    private async ValueTask<ISession> DialAsync(PeerId peer, IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken) =>
        _sessions.Find(peer) ?? await _dials.RunAsync(peer, token => DialUntilDisposedAsync(peer, addresses, token), cancellationToken);

    private async ValueTask<ISession> DialAnyAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken) =>
        await DialUntilDisposedAsync(null, addresses, cancellationToken);

    private async Task<Session> DialUntilDisposedAsync(PeerId? peer, IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        var dialing = _dialer.DialAsync(peer, addresses, either.Token);
        _context.Tasks.AddEndOf(dialing);
        try
        {
            return await dialing;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw SessionTable.Disposed();
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _listener.DisposeAsync();
        await _sessions.CloseAsync();
        await _context.Tasks.WhenEmptyAsync();
        _upgrader.Dispose();
    }
}
