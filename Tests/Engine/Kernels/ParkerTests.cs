using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed class ParkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Two_threads_that_wait_for_each_other_never_miss_a_wake_up()
    {
        const int Turns = 50_000;
        var parkers = new[] { new Parker(), new Parker() };
        var turn = 0;
        var players = new Thread[2];
        for (var i = 0; i < 2; i++)
        {
            var me = i;
            players[i] = new Thread(() => Play(parkers[me], parkers[1 - me], me)) { IsBackground = true };
        }

        Array.ForEach(players, player => player.Start());
        Array.ForEach(players, player => ComputeThreadsTests.JoinWhileItGoesOn(player, ref turn));
        Assert.Equal(Turns, turn);
        Assert.All(parkers, parker => Assert.False(parker.IsParked));

        void Play(Parker own, Parker other, int me)
        {
            while (true)
            {
                var now = Volatile.Read(ref turn);
                if (now >= Turns)
                {
                    return;
                }

                if (now % 2 == me)
                {
                    Interlocked.Increment(ref turn);
                    other.TryWake();
                    continue;
                }

                own.ParkUnless(() => Volatile.Read(ref turn) % 2 == me || Volatile.Read(ref turn) >= Turns);
            }
        }
    }

    [Fact]
    public void Whoever_finds_what_it_waits_for_does_not_sleep()
    {
        var parker = new Parker();
        var wasParked = false;
        RunPatiently(() => parker.ParkUnless(() => wasParked = parker.IsParked));
        Assert.True(wasParked, "what it waits for may come, and no waker would see that somebody sleeps");
        Assert.False(parker.TryWake());
    }

    [Fact]
    public void What_comes_after_the_last_look_ends_the_sleep()
    {
        var parker = new Parker();
        var isWoken = false;
        RunPatiently(() => parker.ParkUnless(() =>
        {
            isWoken = parker.TryWake();
            return false;
        }));
        Assert.True(isWoken);
    }

    [Fact]
    public void A_wake_up_that_meets_a_withdrawal_is_not_left_for_the_next_sleep()
    {
        var parker = new Parker();
        for (var turn = 0; turn < 100; turn++)
        {
            RunPatiently(() => parker.ParkUnless(parker.TryWake));

            var isReady = false;
            var waker = new Thread(() =>
            {
                Assert.True(SpinWait.SpinUntil(() => parker.IsParked, Patience));
                Volatile.Write(ref isReady, true);
                parker.TryWake();
            });
            waker.Start();
            parker.ParkUnless(() => false);
            Assert.True(Volatile.Read(ref isReady), "a signal of before has ended this sleep");
            waker.Join();
        }
    }

    private static void RunPatiently(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Patience), "it sleeps for ever");
    }
}
