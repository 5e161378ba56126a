using ManagedSwarm.Transport.Diagnostics;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>All sessions, from their first connection to their last. Safe for use by many threads.</summary>
internal sealed class SessionTable
{
    private readonly PeerContext _context;
    private readonly Lock _gate = new();
    private readonly LinkTable<PeerConnection> _links;
    private readonly Dictionary<LinkGroup<PeerConnection>, Session> _sessions = [];
    private bool _isClosed;

    public SessionTable(PeerContext context)
    {
        var timeouts = context.Options.Timeouts;
        (_context, _links) = (context, new(context.Self, timeouts.Connect + timeouts.Handshake, context.Options.Time));
    }

    /// <inheritdoc cref="ILocalPeer.Connected"/>
    public event Action<ISession>? Connected;

    /// <inheritdoc cref="ILocalPeer.Disconnected"/>
    public event Action<ISession, SwarmException>? Disconnected;

    /// <summary>A connection is ready; called before it is served. Must not throw, and not wait.</summary>
    public event Action<Session>? Joined;

    public IReadOnlyCollection<Session> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _sessions.Values];
            }
        }
    }

    /// <summary>All connections, those included that are not needed any more.</summary>
    public IReadOnlyCollection<PeerConnection> Connections
    {
        get
        {
            lock (_gate)
            {
                return [.. _sessions.Keys.SelectMany(group => group.Links)];
            }
        }
    }

    /// <summary>The session with a peer; null: there is none.</summary>
    public Session? Find(PeerId peer)
    {
        lock (_gate)
        {
            return _links.Find(peer) is { } group ? _sessions[group] : null;
        }
    }

    /// <summary>Takes a new connection, which is served from now on.</summary>
    /// <param name="connection">Becomes the table's, which disposes it.</param>
    /// <returns>Its peer's session.</returns>
    /// <exception cref="SwarmException"><c>too_many_connections</c>, <c>session_closed</c>: the local peer is disposed.</exception>
    public async ValueTask<Session> AddAsync(PeerConnection connection)
    {
        if (TryAdd(connection, out var addition) is not { } session)
        {
            await connection.DisposeAsync();
            throw _isClosed
                ? Disposed()
                : new SwarmException("too_many_connections", $"There are {LinkTable<PeerConnection>.MaxLinks} connections with {connection.RemotePeer}.");
        }

        TransportLog.Connected(_context.Options.Logger, connection.RemotePeer, connection.RemoteAddress, connection.IsDialer);
        if (addition.IsNew)
        {
            Raise(nameof(Connected), () => Connected?.Invoke(session));
        }

        Joined?.Invoke(session);
        _context.Tasks.Add(RunAsync(connection, session));
        if (addition.Spare is { } spare)
        {
            TransportLog.Spare(_context.Options.Logger, spare.RemotePeer, spare.RemoteAddress, spare.IsDialer);
            if (spare.IsDialer)
            {
                _context.Tasks.Add(DrainAsync(spare));
            }
        }

        return session;
    }

    /// <summary>Ends all sessions; there will be no more.</summary>
    public async ValueTask CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        await Task.WhenAll(All.Select(session => session.DisposeAsync().AsTask()));
    }

    /// <summary>What is asked of a local peer that is disposed.</summary>
    public static SwarmException Disposed() => new("session_closed", "The local peer is disposed.");

    private Session? TryAdd(PeerConnection connection, out LinkAddition<PeerConnection> addition)
    {
        lock (_gate)
        {
            addition = _isClosed ? default : _links.Add(connection);
            if (addition.Group is not { } group)
            {
                return null;
            }

            if (addition.IsNew)
            {
                _sessions.Add(group, new Session(group, _context, DisconnectAsync));
            }

            _sessions[group].Main = group.Main;
            return _sessions[group];
        }
    }

    private async Task RunAsync(PeerConnection connection, Session session)
    {
        var serving = connection.ServeAsync();
        await connection.Closed;
        var reason = connection.CloseReason!;
        TransportLog.Disconnected(_context.Options.Logger, connection.RemotePeer, reason.Code, reason.Message);
        if (Remove(connection, session))
        {
            session.Close(reason);
            Raise(nameof(Disconnected), () => Disconnected?.Invoke(session, reason));
        }

        await serving;
    }

    /// <returns>Whether it was the session's last one.</returns>
    private bool Remove(PeerConnection connection, Session session)
    {
        lock (_gate)
        {
            if (_links.Remove(session.Group, connection))
            {
                _sessions.Remove(session.Group);
                return true;
            }

            session.Main = session.Group.Main;
            return false;
        }
    }

    /// <summary>Closes a connection once it has had no streams for a while.</summary>
    private async Task DrainAsync(PeerConnection spare)
    {
        try
        {
            do
            {
                await Task.Delay(_context.Options.Timeouts.Drain, _context.Options.Time, _context.Stopping).WaitAsync(_context.Stopping);
            }
            while (spare.IsOpen && (spare.StreamCount > 0 || IsMain(spare)));

            await spare.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // All connections are being closed.
        }
    }

    private bool IsMain(PeerConnection connection) => Find(connection.RemotePeer)?.Main == connection;

    private async ValueTask DisconnectAsync(Session session)
    {
        while (true)
        {
            PeerConnection[] connections;
            lock (_gate)
            {
                connections = [.. session.Group.Links];
            }

            if (connections.Length == 0)
            {
                break;
            }

            await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
            await Task.Yield();
        }

        await session.Closed;
    }

    private void Raise(string name, Action handlers)
    {
        try
        {
            handlers();
        }
        catch (Exception exception)
        {
            TransportLog.EventHandlerFailed(_context.Options.Logger, exception, name);
        }
    }
}
