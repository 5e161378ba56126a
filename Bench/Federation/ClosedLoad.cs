using System.Collections.Concurrent;
using System.Diagnostics;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Users who ask again as soon as they have their reply, until the load is disposed. What comes is stamped.</summary>
internal sealed class ClosedLoad(CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly List<Task> _users = [];
    private int _prompts;

    /// <summary>When tokens of streams came.</summary>
    public ConcurrentQueue<long> Tokens { get; } = new();

    /// <summary>Replies that have ended, and when they were asked for.</summary>
    public ConcurrentQueue<(long Begun, MockReply Reply)> Replies { get; } = new();

    /// <summary>Adds users.</summary>
    /// <param name="count">How many.</param>
    /// <param name="ask">Asks for a reply: a number that no other request has, and what is to be told of tokens.</param>
    public void Add(int count, Func<int, Action, CancellationToken, Task<MockReply>> ask) =>
        _users.AddRange(Enumerable.Range(0, count).Select(_ => Task.Run(() => AskAsync(ask), CancellationToken.None)));

    /// <summary>Tokens per second between two timestamps.</summary>
    public double Rate(long from, long to) => Tokens.Count(at => at >= from && at < to) / Stopwatch.GetElapsedTime(from, to).TotalSeconds;

    /// <summary>Tokens per second from now on, for some time.</summary>
    public async Task<double> MeasureAsync(TimeSpan duration)
    {
        var from = Stopwatch.GetTimestamp();
        await Task.Delay(duration, _stop.Token);
        return Rate(from, Stopwatch.GetTimestamp());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_users);
        _stop.Dispose();
    }

    private async Task AskAsync(Func<int, Action, CancellationToken, Task<MockReply>> ask)
    {
        try
        {
            while (true)
            {
                var begun = Stopwatch.GetTimestamp();
                var reply = await ask(Interlocked.Increment(ref _prompts), () => Tokens.Enqueue(Stopwatch.GetTimestamp()), _stop.Token);
                Replies.Enqueue((begun, reply));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The load is over.
        }
    }
}
