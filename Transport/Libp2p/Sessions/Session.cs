using ManagedSwarm.Transport.Libp2p.Identify;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>All connections with a peer as one: which of them a new stream takes is its affair.</summary>
internal sealed class Session : ISession
{
    private readonly LinkGroup<PeerConnection> _group;
    private readonly PeerContext _context;
    private readonly Func<Session, ValueTask> _disconnect;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<PeerInfo> _identified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PeerConnection _main;

    /// <param name="group">Its connections; the lock of <see cref="SessionTable"/> guards them.</param>
    /// <param name="context">The local peer's.</param>
    /// <param name="disconnect">Ends it.</param>
    public Session(LinkGroup<PeerConnection> group, PeerContext context, Func<Session, ValueTask> disconnect)
    {
        (_group, _context, _disconnect, _main) = (group, context, disconnect, group.Main);
        Sayings = new(Learn);
    }

    public PeerId RemotePeer => _group.Peer;

    public Multiaddress RemoteAddress => _main.RemoteAddress;

    public Task Closed => _closed.Task;

    /// <summary>The connection that new streams take. Set by <see cref="SessionTable"/>.</summary>
    public PeerConnection Main
    {
        get => _main;
        set => _main = value;
    }

    /// <summary>What the peer says about itself.</summary>
    public PeerSayings Sayings { get; }

    /// <summary>All of them.</summary>
    public LinkGroup<PeerConnection> Group => _group;

    public async ValueTask<PeerInfo> IdentifyAsync(CancellationToken cancellationToken = default)
    {
        await _identified.Task.WaitAsync(cancellationToken);
        return Sayings.Known ?? await _identified.Task;
    }

    public async ValueTask<IMuxStream> OpenStreamAsync(string protocolId, CancellationToken cancellationToken = default)
    {
        var isLazy = _context.Options.ProposesLazily && Sayings.Known is { } info && info.Protocols.Contains(protocolId);
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
    public ValueTask DisposeAsync() => _disconnect(this);

    private void Learn(PeerInfo info)
    {
        _context.Store.Learn(info);
        _identified.TrySetResult(info);
    }
}
