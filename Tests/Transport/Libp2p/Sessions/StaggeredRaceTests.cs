using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

public sealed class StaggeredRaceTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);

    private readonly CountedTime _time = new();
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource<string>> _attempts = [];
    private readonly List<CancellationToken> _tokens = [];
    private readonly List<string> _discarded = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_begins_when_its_time_has_come()
    {
        var race = Run(3, cancellationToken: Cancellation);
        Assert.Single(_attempts);
        await AdvanceAsync(Delay - TimeSpan.FromMilliseconds(1));
        Assert.Single(_attempts);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await CountAsync(2);
        await AdvanceAsync(Delay);
        await CountAsync(3);
        _time.Advance(Delay);
        _attempts[1].SetResult("second");
        Complete(0, 2);
        Assert.Equal("second", (await race).Winner);
    }

    [Fact]
    public async Task The_next_begins_at_once_when_one_fails()
    {
        var race = Run(3, cancellationToken: Cancellation);
        _attempts[0].SetException(new SwarmException("unreachable", "first"));
        await CountAsync(2);
        _attempts[1].SetException(new SwarmException("unreachable", "second"));
        await CountAsync(3);
        _attempts[2].SetException(new SwarmException("wrong_peer", "third"));
        var (winner, errors) = await race;
        Assert.Null(winner);
        Assert.Equal(["first", "second", "third"], errors.Select(error => error.Message));
    }

    [Fact]
    public async Task The_others_are_cancelled_and_waited_for_and_what_they_still_bring_is_discarded()
    {
        var race = Run(4, cancellationToken: Cancellation);
        for (var count = 2; count <= 4; count++)
        {
            await AdvanceAsync(Delay);
            await CountAsync(count);
        }

        _attempts[2].SetResult("third");
        await TestPeer.UntilAsync(() => _tokens[0].IsCancellationRequested);
        Assert.False(race.IsCompleted);
        _attempts[0].SetResult("first");
        _attempts[1].SetException(new SwarmException("unreachable", "second"));
        Assert.False(race.IsCompleted);
        _attempts[3].SetCanceled(_tokens[3]);
        Assert.Equal("third", (await race).Winner);
        Assert.Equal(["first"], _discarded);
    }

    [Fact]
    public async Task No_more_than_allowed_are_under_way()
    {
        var race = Run(4, sideBySide: 2, cancellationToken: Cancellation);
        await AdvanceAsync(Delay);
        await CountAsync(2);
        _time.Advance(10 * Delay);
        Assert.Equal(2, _attempts.Count);
        _attempts[1].SetException(new SwarmException("unreachable", "second"));
        await CountAsync(3);
        _attempts[0].SetResult("first");
        Complete(2);
        Assert.Equal("first", (await race).Winner);
    }

    [Fact]
    public async Task Cancels_all_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var race = Run(2, cancellationToken: cancel.Token);
        await AdvanceAsync(Delay);
        await CountAsync(2);
        await cancel.CancelAsync();
        Complete(0, 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race);
    }

    private Task<(string? Winner, IReadOnlyList<SwarmException> Errors)> Run(
        int count, int sideBySide = 8, CancellationToken cancellationToken = default) =>
        new StaggeredRace<string, SwarmException>(Delay, sideBySide, _time).RunAsync(
            Enumerable.Repeat<Func<CancellationToken, Task<string>>>(Begin, count),
            late =>
            {
                _discarded.Add(late);
                return default;
            },
            cancellationToken == default ? Cancellation : cancellationToken);

    private Task<string> Begin(CancellationToken cancellationToken)
    {
        var attempt = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _tokens.Add(cancellationToken);
            _attempts.Add(attempt);
        }

        return attempt.Task;
    }

    /// <summary>The attempts give up as they are told to.</summary>
    private void Complete(params int[] attempts)
    {
        foreach (var attempt in attempts)
        {
            _tokens[attempt].Register(() => _attempts[attempt].TrySetCanceled(_tokens[attempt]));
        }
    }

    /// <summary>Waits until so many have begun.</summary>
    private async Task CountAsync(int count)
    {
        await TestPeer.UntilAsync(() => Count() >= count);
        Assert.Equal(count, Count());
    }

    private int Count()
    {
        lock (_gate)
        {
            return _attempts.Count;
        }
    }

    /// <summary>Lets time pass once the race waits for it.</summary>
    private async Task AdvanceAsync(TimeSpan by)
    {
        var seen = _time.Seen;
        await TestPeer.UntilAsync(() => _time.Timers > seen);
        _time.Seen++;
        _time.Advance(by);
    }

    private sealed class CountedTime : FakeTimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        /// <summary>Timers that a test has waited for.</summary>
        public int Seen { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }
}
