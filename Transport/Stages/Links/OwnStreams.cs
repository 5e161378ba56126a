using System.Collections.Concurrent;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>Streams that a node opens to itself. Safe for use by many threads.</summary>
/// <param name="self">The node.</param>
internal sealed class OwnStreams(PeerId self)
{
    private readonly ConcurrentDictionary<string, Action<IMuxStream>> _listeners = new(StringComparer.Ordinal);

    /// <summary>Takes streams of a protocol from now on.</summary>
    public void Listen(string protocol, Action<IMuxStream> accept) => _listeners[protocol] = accept;

    /// <summary>Takes none any more.</summary>
    public void Close(string protocol) => _listeners.TryRemove(protocol, out _);

    /// <exception cref="SwarmException"><c>not_served</c></exception>
    public IMuxStream Open(string protocol)
    {
        if (!_listeners.TryGetValue(protocol, out var accept))
        {
            throw new SwarmException("not_served", $"this node, {self}, serves no stages itself");
        }

        var (dialer, listener) = LoopbackStream.CreatePair(protocol, self);
        accept(listener);
        return dialer;
    }
}
