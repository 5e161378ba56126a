using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// Connections for large amounts of data, beside those that nodes have with each other anyway: what is urgent never queues behind them. This
/// node dials as somebody new, as there is one connection with each peer. Who cannot be dialed is asked over the connection that there is.
/// </summary>
/// <param name="shared">This node.</param>
/// <param name="token">The swarm's.</param>
/// <param name="time">The clock of all waits.</param>
/// <param name="logger">Told what cannot be dialed.</param>
internal sealed class BulkConnections(ILocalPeer shared, SwarmToken token, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly string _protocolId = WeightProtocol.Id(new SwarmKeys(token));
    private Identity? _identity;
    private LocalPeer? _peer;

    /// <summary>Opens a stream to a source.</summary>
    /// <exception cref="SwarmException">As <see cref="ILocalPeer.OpenStreamAsync"/>'s.</exception>
    public async ValueTask<IMuxStream> OpenAsync(WeightSource source, CancellationToken cancellationToken)
    {
        if (source.Addresses.Count > 0)
        {
            try
            {
                // Nobody else will do, and nobody else is asked: a stranger's bytes would only be refused.
                var addresses = source.Addresses.Select(address => address.WithoutPeerId().WithPeerId(source.Peer)).ToList();
                var session = await Peer().DialAsync(addresses, cancellationToken);
                return await session.OpenStreamAsync(_protocolId, cancellationToken);
            }
            catch (SwarmException exception)
            {
                TransportLog.NoBulkConnection(logger, source.Peer, exception.Code, exception.Message);
            }
        }

        return await shared.OpenStreamAsync(source.Peer, _protocolId, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer is { } peer)
        {
            await peer.DisposeAsync();
        }

        _identity?.Dispose();
    }

    private LocalPeer Peer()
    {
        lock (_gate)
        {
            _identity ??= Identity.Generate();
            return _peer ??= new LocalPeer(_identity, LocalPeerOptions.For(token) with { Time = time, Metrics = (shared as LocalPeer)?.Metrics });
        }
    }
}
