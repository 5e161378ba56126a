using System.Threading.Channels;
using ManagedSwarm.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>Tells subscribers what happens, one after the other and in order, on a thread that holds no lock.</summary>
internal sealed class SwarmEventQueue : IAsyncDisposable
{
    private readonly Channel<SwarmEvent> _events = Channel.CreateUnbounded<SwarmEvent>(new() { SingleReader = true });
    private readonly ILogger _logger;
    private readonly Task _telling;

    public SwarmEventQueue(ILogger logger)
    {
        _logger = logger;
        _telling = TellAsync();
    }

    public event Action<SwarmEvent>? Happened;

    /// <summary>Does not wait.</summary>
    public void Add(SwarmEvent change) => _events.Writer.TryWrite(change);

    /// <summary>Tells what there is, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _telling;
    }

    private async Task TellAsync()
    {
        await foreach (var change in _events.Reader.ReadAllAsync())
        {
            try
            {
                Happened?.Invoke(change);
            }
            catch (Exception exception)
            {
                TransportLog.EventHandlerFailed(_logger, exception, nameof(ISwarm.Changed));
            }
        }
    }
}
