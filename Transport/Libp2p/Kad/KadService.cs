using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// A private Kademlia DHT (https://github.com/libp2p/specs/blob/master/kad-dht/README.md): peers by their place, and who provides a key.
/// Values are not kept. It serves from its construction on to its disposal, and learns of peers by the sessions of the local peer: those
/// that say they serve the protocol. Safe for use by many threads.
/// </summary>
internal sealed class KadService : IAsyncDisposable
{
    private readonly ILocalPeer _local;
    private readonly string _protocolId;
    private readonly KadOptions _options;
    private readonly KadDirectory _directory;
    private readonly KadClient _client;
    private readonly KadServer _server;
    private readonly LookupSessions _sessions;
    private readonly BucketRefresh _refresh;
    private readonly CancellationTokenSource _stop = new();
    private readonly RunningTasks _tasks = new();
    private readonly Lazy<Task> _disposal;

    /// <param name="peer">Stays the caller's, and must live longer.</param>
    /// <param name="protocolId"><c>/managedswarm/NETWORK/kad/1.0.0</c>.</param>
    /// <param name="options">How it works; null: the defaults.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public KadService(ILocalPeer peer, string protocolId, KadOptions? options = null)
    {
        (_local, _protocolId, _options) = (peer, protocolId, options ?? new());
        _directory = new(peer.PeerId, _options);
        _sessions = new(_options, asker => _server!.Serves(asker), _stop.Token);
        _client = new(peer, protocolId, _sessions, _options);
        _server = new(peer, protocolId, _directory, _options, Learn);
        _refresh = new(_directory, WaitForPeersAsync, LookUpAsync, ProbeAsync, _options);
        _disposal = new(StopAsync);
        _local.Connected += OnConnected;
        foreach (var session in _local.Sessions)
        {
            OnConnected(session);
        }

        _tasks.Add(_server.RunAsync(_stop.Token));
        _tasks.Add(_refresh.RunAsync(_stop.Token));
    }

    public PeerId Self => _local.PeerId;

    /// <summary>Peers in the routing table.</summary>
    public int Count => _directory.Count;

    /// <summary>Whether there is a peer to ask.</summary>
    public bool HasPeers => _directory.HasPeers.IsCompleted;

    /// <summary>Providers that others have had this node keep.</summary>
    internal int StoredProviders => _directory.StoredProviders;

    /// <summary>Waits until there is a peer to ask, without any traffic.</summary>
    public async Task WaitForPeersAsync(CancellationToken cancellationToken) => await UntilDisposedAsync(
        async token =>
        {
            LearnFromSessions();
            while (!HasPeers)
            {
                await Task.WhenAny(_directory.HasPeers, Task.Delay(_options.SessionsInterval, _options.Time, token));
                token.ThrowIfCancellationRequested();
                LearnFromSessions();
            }

            return HasPeers;
        },
        cancellationToken);

    /// <summary>Looks for a peer's addresses, which the peer store then has.</summary>
    /// <returns>Null: nobody knows it.</returns>
    public async Task<KadPeer?> FindNodeAsync(PeerId peer, CancellationToken cancellationToken)
    {
        var found = await LookUpAsync(KadMessageType.FindNode, peer.Bytes, cancellationToken);
        if (found.Named is { } named)
        {
            _local.PeerStore.AddAddresses(peer, named.Addresses);
        }

        return found.Named;
    }

    /// <summary>The k peers closest to a key, the closest first.</summary>
    public async Task<IReadOnlyList<KadPeer>> FindClosestAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        (await LookUpAsync(KadMessageType.FindNode, key, cancellationToken)).Closest;

    /// <summary>Tells the peers closest to a key that this one provides it.</summary>
    /// <param name="key">A multihash.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many have taken it.</returns>
    public async Task<int> ProvideAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        using var lookup = _sessions.Begin();
        var found = await LookUpAsync(KadMessageType.FindNode, key, cancellationToken);
        return await TellAsync(key, found.Closest, cancellationToken);
    }

    /// <summary>Looks for peers that provide a key, this one included if it does.</summary>
    /// <returns>Those that most have named come first; that they live is not known.</returns>
    public async Task<IReadOnlyList<KadPeer>> FindProvidersAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        WithOwn(key, await LookUpAsync(KadMessageType.GetProviders, key, cancellationToken));

    /// <summary>Provides a key, and looks for others that do, by one lookup.</summary>
    /// <returns>As with <see cref="FindProvidersAsync"/>.</returns>
    public async Task<IReadOnlyList<KadPeer>> MeetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        using var lookup = _sessions.Begin();
        var found = await LookUpAsync(KadMessageType.GetProviders, key, cancellationToken);
        await TellAsync(key, found.Closest, cancellationToken);
        return WithOwn(key, found);
    }

    /// <summary>Serves no more, gives up what is under way (<c>session_closed</c>), and waits for all that runs.</summary>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    /// <summary>Whether a peer is in the routing table.</summary>
    internal bool Knows(PeerId peer) => _directory.Find(peer) is not null;

    private async Task StopAsync()
    {
        _local.Connected -= OnConnected;
        await _stop.CancelAsync();
        await _tasks.WhenEmptyAsync();
        await _sessions.WhenClosedAsync();
    }

    private void OnConnected(ISession session) => _tasks.Add(LearnAsync(session));

    private async Task LearnAsync(ISession session)
    {
        using var limit = new TimeLimit(_options.Timeouts.Identify, _options.Time, _stop.Token);
        try
        {
            await session.IdentifyAsync(limit.Token);
            Learn(session.RemotePeer);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            // It does not say what it is, so it is not asked; should it say so later, it is found among the sessions.
        }
    }

    /// <summary>Takes a peer for one that serves the DHT if it has said so.</summary>
    private void Learn(PeerId peer)
    {
        if (_local.PeerStore.Find(peer) is { } info && info.Protocols.Contains(_protocolId))
        {
            _directory.See(new KadPeer(peer, _local.PeerStore.AddressesOf(peer), KadConnection.Connected).Usable());
        }
    }

    /// <summary>Some begin to serve it after they have connected; others did not answer once, and are still there.</summary>
    private void LearnFromSessions()
    {
        foreach (var session in _local.Sessions)
        {
            Learn(session.RemotePeer);
        }
    }

    private async Task<LookupResult> LookUpAsync(KadMessageType type, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        using var lookup = _sessions.Begin();
        LearnFromSessions();
        return await UntilDisposedAsync(
            token => new LookupRun(new() { Type = type, Key = key }, _directory, _client, _options).RunAsync(token), cancellationToken);
    }

    private async Task<T> UntilDisposedAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        var acting = act(either.Token);
        _tasks.AddEndOf(acting);
        try
        {
            return await acting;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SwarmException("session_closed", "The DHT is disposed.");
        }
    }

    /// <summary>Asks a peer only to see whether it lives.</summary>
    private async Task ProbeAsync(KadPeer peer, CancellationToken cancellationToken)
    {
        using var lookup = _sessions.Begin();
        try
        {
            await _client.AskAsync(peer, new() { Type = KadMessageType.FindNode, Key = _local.PeerId.Bytes }, cancellationToken);
            _directory.See(peer);
        }
        catch (SwarmException exception)
        {
            TransportLog.KadRequestFailed(_options.Logger, peer.Id, KadMessageType.FindNode, exception.Code, exception.Message);
            _directory.Fail(peer.Id);
        }
    }

    private async Task<int> TellAsync(ReadOnlyMemory<byte> key, IReadOnlyList<KadPeer> peers, CancellationToken cancellationToken)
    {
        var own = new KadPeer(_local.PeerId, _server.Addresses);
        var message = new KadMessage { Type = KadMessageType.AddProvider, Key = key, ProviderPeers = [own] };
        _directory.AddProvider(key, own.Id, message.ProviderPeers);
        var told = await UntilDisposedAsync(
            token => Task.WhenAll(peers.Select(peer => TellAsync(peer, message, token))), cancellationToken);
        return told.Count(taken => taken);
    }

    private async Task<bool> TellAsync(KadPeer peer, KadMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _client.TellAsync(peer, message, cancellationToken);
            return true;
        }
        catch (SwarmException exception)
        {
            TransportLog.KadRequestFailed(_options.Logger, peer.Id, message.Type, exception.Code, exception.Message);
            return false;
        }
    }

    private List<KadPeer> WithOwn(ReadOnlyMemory<byte> key, LookupResult found)
    {
        var own = _directory.FindProviders(key);
        var all = found.Providers.Concat(own).DistinctBy(provider => provider.Id).ToList();
        foreach (var provider in all)
        {
            _local.PeerStore.AddAddresses(provider.Id, provider.Addresses);
        }

        return all;
    }
}
