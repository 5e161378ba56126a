namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Takes a stream whose protocol is agreed on, and owns it.</summary>
/// <exception cref="SwarmException">It comes to nothing; the caller resets it.</exception>
internal delegate Task StreamHandler(IMuxStream stream, PeerConnection connection, CancellationToken cancellationToken);

/// <summary>The protocols that are served here. Safe for use by many threads.</summary>
internal sealed class ProtocolTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamHandler> _handlers = new(StringComparer.Ordinal);

    /// <summary>Another protocol is served, or one no more. Called by any thread, without a lock.</summary>
    public event Action? Changed;

    /// <summary>Their ids, in alphabetical order.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _handlers.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    public StreamHandler? Find(string protocolId)
    {
        lock (_gate)
        {
            return _handlers.GetValueOrDefault(protocolId);
        }
    }

    /// <exception cref="SwarmException"><c>protocol_taken</c>: it is served already.</exception>
    public void Add(string protocolId, StreamHandler handler)
    {
        lock (_gate)
        {
            if (!_handlers.TryAdd(protocolId, handler))
            {
                throw new SwarmException("protocol_taken", $"{protocolId} is served already.");
            }
        }

        Changed?.Invoke();
    }

    /// <summary>Serves a protocol no more; nothing happens where another handler does.</summary>
    public void Remove(string protocolId, StreamHandler handler)
    {
        lock (_gate)
        {
            if (_handlers.GetValueOrDefault(protocolId) != handler)
            {
                return;
            }

            _handlers.Remove(protocolId);
        }

        Changed?.Invoke();
    }
}
