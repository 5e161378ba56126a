using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Identify;

public sealed class PushLoopTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_is_slow_delays_nobody_else_and_hears_the_latest_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var (slow, tasks, told) = (new TaskCompletionSource(), new RunningTasks(), new Dictionary<string, int> { ["slow"] = 0, ["quick"] = 0 });
        var pushes = new PushLoop<string>(() => told.Keys, PushAsync, tasks);
        var running = pushes.RunAsync(stop.Token);
        for (var change = 1; change <= 5; change++)
        {
            pushes.Signal();
            await UntilAsync("quick", change);
        }

        Assert.Equal(1, Count("slow"));
        slow.SetResult();
        await UntilAsync("slow", 2);
        await tasks.WhenEmptyAsync();
        Assert.Equal((2, 5), (Count("slow"), Count("quick")));

        // It is told again as before.
        pushes.Signal();
        await UntilAsync("slow", 3);
        await stop.CancelAsync();
        await running;
        await tasks.WhenEmptyAsync();

        async Task PushAsync(string peer)
        {
            lock (told)
            {
                told[peer]++;
            }

            if (peer == "slow")
            {
                await slow.Task;
            }
        }

        int Count(string peer)
        {
            lock (told)
            {
                return told[peer];
            }
        }

        async Task UntilAsync(string peer, int count)
        {
            // A push under way hears of a change that comes meanwhile: each is waited for to its end.
            await TestPeer.UntilAsync(() => Count(peer) >= count && (peer == "slow" || tasks.Count <= 1));
        }
    }
}
