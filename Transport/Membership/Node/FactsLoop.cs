using System.Threading.Channels;
using ManagedSwarm.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>Asks again and again what this node has to say about itself.</summary>
/// <param name="measure">Measures it.</param>
/// <param name="announce">Takes it.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="logger">Hears when it cannot be measured.</param>
internal sealed class FactsLoop(Func<NodeFacts> measure, Action<NodeFacts> announce, TimeProvider time, ILogger logger)
{
    /// <summary>Between two measurements that nobody has asked for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has it measured now. Does not wait.</summary>
    public void Ask() => _asked.Writer.TryWrite(true);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Announce();
                await WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As wished.
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(Interval, time, pause.Token), _asked.Reader.ReadAsync(pause.Token).AsTask());
        await pause.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Announce()
    {
        try
        {
            announce(measure());
        }
        catch (Exception exception)
        {
            TransportLog.FactsFailed(logger, exception);
        }
    }
}
