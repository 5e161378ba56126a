using System.Collections.Concurrent;
using ManagedSwarm.Transport.Discovery;

namespace ManagedSwarm.Tests.Transport.Discovery;

/// <summary>Runs a discovery and keeps what it finds; its disposal ends it.</summary>
internal sealed class TestDiscovery : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly IPeerDiscovery _discovery;

    public TestDiscovery(IPeerDiscovery discovery)
    {
        _discovery = discovery;
        Running = discovery.RunAsync(Found.Enqueue, _stop.Token);
    }

    public ConcurrentQueue<DiscoveredPeer> Found { get; } = [];

    public Task Running { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await Running;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        await _discovery.DisposeAsync();
        _stop.Dispose();
    }
}
