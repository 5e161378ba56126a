using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// The sessions that lookups have opened: given up when no lookup runs any more, so that a node does not stay connected with all whom it
/// has ever asked. Those that there were before, and those that others need, go on. Safe for use by many threads.
/// </summary>
/// <param name="options">Which are needed.</param>
/// <param name="isServed">Whether a peer asks this node something right now.</param>
/// <param name="stop">Nothing is waited for any more.</param>
internal sealed class LookupSessions(KadOptions options, Func<PeerId, bool> isServed, CancellationToken stop)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ISession> _opened = [];
    private readonly RunningTasks _closing = new();
    private int _lookups;

    /// <summary>Sessions that are to be given up.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _opened.Count;
            }
        }
    }

    /// <summary>A lookup begins; it ends when the result is disposed of. One may be within another.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            _lookups++;
        }

        return new LookupEnd(this);
    }

    /// <summary>A lookup has opened a session.</summary>
    public void Add(ISession session)
    {
        lock (_gate)
        {
            _opened.Add(session);
        }
    }

    /// <summary>Waits until those are closed that are given up by now.</summary>
    public Task WhenClosedAsync() => _closing.WhenEmptyAsync();

    private void End()
    {
        ISession[] idle;
        lock (_gate)
        {
            if (--_lookups > 0)
            {
                return;
            }

            idle = [.. _opened];
            _opened.Clear();
        }

        foreach (var session in idle)
        {
            _closing.Add(ReviewAsync(session));
        }
    }

    private async Task ReviewAsync(ISession session)
    {
        await Task.Yield();
        await IdentifyAsync(session);
        if (session.Closed.IsCompleted || options.NeedsSession?.Invoke(session.RemotePeer) == true)
        {
            return;
        }

        await CloseUnlessUsedAsync(session);
    }

    private ValueTask CloseUnlessUsedAsync(ISession session)
    {
        lock (_gate)
        {
            if (_lookups > 0 || isServed(session.RemotePeer))
            {
                // It is looked at again after the next lookup.
                _opened.Add(session);
                return default;
            }

            // It begins to end within the gate: a lookup that begins later finds it closed, and does not ask by it in vain.
            return session.DisposeAsync();
        }
    }

    /// <summary>Who is needed is known by what it says about itself.</summary>
    private async Task IdentifyAsync(ISession session)
    {
        using var limit = new TimeLimit(options.Timeouts.Identify, options.Time, stop);
        try
        {
            await session.IdentifyAsync(limit.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            // It does not say what it is.
        }
    }

    private sealed class LookupEnd(LookupSessions sessions) : IDisposable
    {
        public void Dispose() => sessions.End();
    }
}
