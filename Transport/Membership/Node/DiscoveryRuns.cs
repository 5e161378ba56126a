using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Discovery;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>All ways of hearing of other nodes, side by side. One that fails leaves the others.</summary>
internal sealed class DiscoveryRuns : IAsyncDisposable
{
    private readonly IReadOnlyList<IPeerDiscovery> _discoveries;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="discoveries">Become this one's.</param>
    /// <param name="found">Hears of each node.</param>
    /// <param name="logger">Hears of failures.</param>
    public DiscoveryRuns(IReadOnlyList<IPeerDiscovery> discoveries, Action<DiscoveredPeer> found, ILogger logger)
    {
        (_discoveries, _logger) = (discoveries, logger);
        _running = Task.WhenAll(discoveries.Select(discovery => RunAsync(discovery, found)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (var discovery in _discoveries)
        {
            await discovery.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task RunAsync(IPeerDiscovery discovery, Action<DiscoveredPeer> found)
    {
        await Task.Yield();
        try
        {
            await discovery.RunAsync(found, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As wished.
        }
        catch (Exception exception)
        {
            TransportLog.DiscoveryFailed(_logger, exception, discovery.Name);
        }
    }
}
