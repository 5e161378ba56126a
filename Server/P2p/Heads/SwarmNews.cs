using System.Threading.Channels;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Lets one waiter at a time wait until something happens in a swarm: what happens between two waits counts, too.</summary>
internal sealed class SwarmNews : IDisposable
{
    private readonly SwarmService _swarm;
    private readonly TimeProvider _time;
    private readonly Action<SwarmEvent>? _heard;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Listens from now on.</summary>
    /// <param name="swarm">This node's membership.</param>
    /// <param name="time">The clock.</param>
    /// <param name="heard">Told of each event, before whoever waits; must not throw, and not wait.</param>
    public SwarmNews(SwarmService swarm, TimeProvider time, Action<SwarmEvent>? heard = null)
    {
        (_swarm, _time, _heard) = (swarm, time, heard);
        swarm.Happened += OnHappened;
    }

    /// <summary>Waits for news, but no longer than the limit: free memory changes without anybody's coming or going.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="others">What else is news when it ends.</param>
    public async Task NextAsync(TimeSpan limit, CancellationToken cancellationToken, params IEnumerable<Task> others)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny([Task.Delay(limit, _time, end.Token), _news.Reader.ReadAsync(end.Token).AsTask(), .. others]);
        await end.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _swarm.Happened -= OnHappened;

    private void OnHappened(SwarmEvent change)
    {
        _heard?.Invoke(change);
        _news.Writer.TryWrite(true);
    }
}
