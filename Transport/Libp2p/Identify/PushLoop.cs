using System.Threading.Channels;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>Tells all peers what this one is when that has changed. Changes that come while it does so are told together.</summary>
internal sealed class PushLoop(IdentifyProtocol identify, SessionTable sessions)
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Something has changed.</summary>
    public void Signal() => _changes.Writer.TryWrite(true);

    /// <summary>Runs until it is cancelled. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _changes.Reader.ReadAsync(cancellationToken);
                await Task.WhenAll(sessions.All.Select(identify.PushAsync));
            }
        }
        catch (OperationCanceledException)
        {
            // The local peer is disposed.
        }
    }
}
