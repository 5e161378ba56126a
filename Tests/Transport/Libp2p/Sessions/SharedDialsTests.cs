using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

public sealed class SharedDialsTests
{
    private static readonly PeerId Peer = FakeLink.Peer(1);

    private readonly RunningTasks _tasks = new();
    private readonly SharedDials<int> _dials;

    public SharedDialsTests() => _dials = new(_tasks);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_later_gets_what_the_first_dial_came_to()
    {
        var result = new TaskCompletionSource<int>();
        var first = _dials.RunAsync(Peer, _ => result.Task, Cancellation);
        var second = _dials.RunAsync(Peer, _ => throw new InvalidOperationException("a second dial"), Cancellation);
        var other = _dials.RunAsync(FakeLink.Peer(2), _ => Task.FromResult(2), Cancellation);
        Assert.Equal(2, await other);
        result.SetResult(1);

        Assert.Equal((1, 1), (await first, await second));
        Assert.Equal(0, _dials.Count);
    }

    [Fact]
    public async Task Who_comes_later_tries_himself_where_the_first_dial_fails()
    {
        var result = new TaskCompletionSource<int>();
        var first = _dials.RunAsync(Peer, _ => result.Task, Cancellation);
        var second = _dials.RunAsync(Peer, _ => Task.FromResult(2), Cancellation);
        result.SetException(new SwarmException("unreachable", "it is not there"));

        await Assert.ThrowsAsync<SwarmException>(() => first);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task A_dial_is_given_up_when_nobody_waits_any_more()
    {
        using var firstGivesUp = new CancellationTokenSource();
        using var secondGivesUp = new CancellationTokenSource();
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _dials.RunAsync(
            Peer,
            async token =>
            {
                await using var registration = token.Register(given.SetResult);
                started.SetResult();
                await given.Task;
                token.ThrowIfCancellationRequested();
                return 0;
            },
            firstGivesUp.Token);
        await started.Task.WaitAsync(Cancellation);
        var second = _dials.RunAsync(Peer, _ => throw new InvalidOperationException("a second dial"), secondGivesUp.Token);
        await firstGivesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(given.Task.IsCompleted);
        await secondGivesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await given.Task.WaitAsync(Cancellation);
        Assert.Equal(0, _dials.Count);
    }

    [Fact]
    public async Task A_dial_counts_until_it_is_over_though_nobody_waits()
    {
        using var givesUp = new CancellationTokenSource();
        var end = new TaskCompletionSource<int>();
        var waiting = _dials.RunAsync(Peer, _ => end.Task, givesUp.Token);
        await givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var empty = _tasks.WhenEmptyAsync();
        Assert.False(empty.IsCompleted);
        Assert.Equal(1, _tasks.Count);
        end.SetException(new SwarmException("unreachable", "it is not there"));
        await empty;
    }
}
