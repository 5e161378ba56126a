using System.Threading.Channels;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>
/// Tells all peers what this one is when that has changed: all side by side, and one thing at a time to each, so that a slow one delays
/// nobody else. Changes that come while a peer is being told are told together.
/// </summary>
/// <typeparam name="TPeer">Whom.</typeparam>
/// <param name="peers">All who are to be told.</param>
/// <param name="push">Tells one what this one is by now. Throws nothing, and ends within a time limit.</param>
/// <param name="tasks">Where what is being told runs.</param>
internal sealed class PushLoop<TPeer>(Func<IReadOnlyCollection<TPeer>> peers, Func<TPeer, Task> push, RunningTasks tasks)
    where TPeer : notnull
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Lock _gate = new();

    // Who is being told, and whether something has changed meanwhile.
    private readonly Dictionary<TPeer, bool> _told = [];

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
                foreach (var peer in peers().Where(Begin))
                {
                    tasks.Add(TellAsync(peer));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The local peer is disposed.
        }
    }

    private async Task TellAsync(TPeer peer)
    {
        do
        {
            await push(peer);
        }
        while (!End(peer));
    }

    /// <returns>False: the peer is being told already, and is told again.</returns>
    private bool Begin(TPeer peer)
    {
        lock (_gate)
        {
            if (_told.TryAdd(peer, false))
            {
                return true;
            }

            _told[peer] = true;
            return false;
        }
    }

    /// <returns>False: something has changed meanwhile.</returns>
    private bool End(TPeer peer)
    {
        lock (_gate)
        {
            if (_told[peer])
            {
                _told[peer] = false;
                return false;
            }

            return _told.Remove(peer);
        }
    }
}
