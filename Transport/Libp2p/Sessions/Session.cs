namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>All connections with a peer as one: which of them a new stream takes is its affair.</summary>
/// <param name="group">Its connections; the lock of <see cref="SessionTable"/> guards them.</param>
/// <param name="context">The local peer's.</param>
/// <param name="disconnect">Ends it.</param>
internal sealed class Session(LinkGroup<PeerConnection> group, PeerContext context, Func<Session, ValueTask> disconnect) : ISession
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<PeerInfo> _identified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PeerConnection _main = group.Main;
    private volatile PeerInfo? _info;

    public PeerId RemotePeer => group.Peer;

    public Multiaddress RemoteAddress => _main.RemoteAddress;

    public Task Closed => _closed.Task;

    /// <summary>The connection that new streams take. Set by <see cref="SessionTable"/>.</summary>
    public PeerConnection Main
    {
        get => _main;
        set => _main = value;
    }

    /// <summary>What the peer has said last; null: nothing yet.</summary>
    public PeerInfo? Info => _info;

    /// <summary>All of them.</summary>
    public LinkGroup<PeerConnection> Group => group;

    public async ValueTask<PeerInfo> IdentifyAsync(CancellationToken cancellationToken = default)
    {
        await _identified.Task.WaitAsync(cancellationToken);
        return _info ?? await _identified.Task;
    }

    public async ValueTask<IMuxStream> OpenStreamAsync(string protocolId, CancellationToken cancellationToken = default)
    {
        var isLazy = context.Options.ProposesLazily && _info is { } info && info.Protocols.Contains(protocolId);
        var main = _main;
        try
        {
            return await main.OpenStreamAsync(protocolId, isLazy, cancellationToken);
        }
        catch (SwarmException exception) when (exception.Code == "session_closed" && _main != main)
        {
            return await _main.OpenStreamAsync(protocolId, isLazy, cancellationToken);
        }
    }

    /// <summary>The peer has said what it is.</summary>
    public void Learn(PeerInfo info)
    {
        _info = info;
        context.Store.Learn(info);
        _identified.TrySetResult(info);
    }

    /// <summary>The peer has not said what it is.</summary>
    public void FailToIdentify(SwarmException reason)
    {
        _identified.TrySetException(reason);

        // Nobody may ask.
        _ = _identified.Task.Exception;
    }

    /// <summary>The last connection is over.</summary>
    public void Close(SwarmException reason)
    {
        FailToIdentify(new SwarmException("identify_failed", $"The session with {RemotePeer} is over: {reason.Message}", reason));
        _closed.TrySetResult();
    }

    /// <summary>Ends all its connections and waits until they have.</summary>
    public ValueTask DisposeAsync() => disconnect(this);
}
