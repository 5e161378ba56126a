using System.Diagnostics;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed class ComputeThreadsTests
{
    // Long enough for any machine, so that a hang fails instead of hanging.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static TheoryData<int, int> TeamsAndSpins
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var count in Enumerable.Range(1, 8))
            {
                // Without a spin, every wait is a sleep; with a short one, many waits end just as they turn into one.
                data.Add(count, 0);
                data.Add(count, 2);
                data.Add(count, 50);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TeamsAndSpins))]
    public void Runs_every_part_of_every_work_once(int count, int spinMicroseconds)
    {
        using var threads = new ComputeThreads(count, TimeSpan.FromMicroseconds(spinMicroseconds));
        var random = new Random(count);
        var runs = new int[40];
        for (var turn = 1; turn <= 2000; turn++)
        {
            var parts = random.Next(0, runs.Length);
            Array.Clear(runs);
            var failing = turn % 10 == 0 && parts > 0 ? random.Next(parts) : -1;
            var work = new CountWork(runs, failing);
            if (failing < 0)
            {
                threads.Run(parts, ref work);
            }
            else
            {
                var error = Assert.Throws<InvalidOperationException>(() => threads.Run(parts, ref work));
                Assert.Equal($"part {failing}", error.Message);
            }

            Assert.True(runs.Select((times, part) => times == (part < parts ? 1 : 0)).All(ok => ok), $"{string.Join(' ', runs)} of {parts}");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void All_threads_of_a_sleeping_team_wake_up(int count)
    {
        using var threads = new ComputeThreads(count);
        using var all = new Barrier(count);
        for (var turn = 0; turn < 20; turn++)
        {
            // Ends only where each part has a thread of its own.
            var work = new MeetWork(all);
            threads.Run(count, ref work);
            Assert.True(SpinWait.SpinUntil(() => threads.ParkedCount == count - 1, Patience), "the team does not go to sleep");
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(2, 1)]
    public void No_wake_up_is_lost_where_threads_go_to_sleep_as_work_comes_and_ends(int count, int spinMicroseconds)
    {
        var threads = new ComputeThreads(count, TimeSpan.FromMicroseconds(spinMicroseconds));
        var turn = 0;
        var caller = new Thread(() =>
        {
            var random = new Random(count);
            for (; turn < 20_000; Interlocked.Increment(ref turn))
            {
                // All parts end at once: just when the caller has seen that they have not, and thinks of sleep.
                var work = new SpinningMeetWork(count);
                threads.Run(count, ref work);
                // The next work comes just when the others think of sleep.
                Wait(random.Next(1000));
            }
        })
        {
            IsBackground = true,
        };
        caller.Start();
        JoinWhileItGoesOn(caller, ref turn);
        threads.Dispose();
    }

    [Fact]
    public void Threads_are_named_and_do_not_keep_the_process()
    {
        using var threads = new ComputeThreads(2);
        using var both = new Barrier(2);
        var seen = new (string? Name, bool IsBackground)[2];
        var work = new NameWork(both, seen);
        threads.Run(2, ref work);
        Assert.Contains(("compute 1", true), seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Keeps_what_a_part_writes_into_the_work(int count)
    {
        using var threads = new ComputeThreads(count);
        var work = new SumWork();
        threads.Run(100, ref work);
        Assert.Equal(4950, work.Sum);
    }

    [Fact]
    public void A_work_within_a_work_is_done_by_the_thread_that_brings_it()
    {
        using var threads = new ComputeThreads(3);
        var results = new int[12];
        var work = new NestedWork(threads, results);
        threads.Run(results.Length, ref work);
        Assert.All(results, result => Assert.Equal(10, result));
    }

    [Fact]
    public void Works_of_several_threads_come_one_after_the_other()
    {
        using var threads = new ComputeThreads(3, TimeSpan.Zero);
        var running = new RunningWork();
        Parallel.For(1, 5, new ParallelOptions { MaxDegreeOfParallelism = 4 }, owner =>
        {
            for (var turn = 0; turn < 500; turn++)
            {
                var runs = new int[1 + (turn % 7)];
                var work = new ExclusiveWork(running, owner, runs);
                threads.Run(runs.Length, ref work);
                Assert.All(runs, times => Assert.Equal(1, times));
            }
        });
    }

    [Fact]
    public void A_disposed_team_takes_no_work()
    {
        var unused = new ComputeThreads(4);
        unused.Dispose();
        var threads = new ComputeThreads(4);
        var work = new SumWork();
        threads.Run(4, ref work);
        threads.Dispose();
        threads.Dispose();
        Assert.Equal(0, threads.ParkedCount);
        Assert.Throws<ObjectDisposedException>(() => threads.Run(4, ref work));
        Assert.Throws<ObjectDisposedException>(() => unused.Run(1, ref work));
    }

    [Fact]
    public void A_part_cannot_dispose_its_team()
    {
        using var threads = new ComputeThreads(2);
        var work = new DisposeWork(threads);
        Assert.Throws<InvalidOperationException>(() => threads.Run(2, ref work));
        threads.Run(0, ref work);
    }

    [Fact]
    public void Disposes_teams_that_are_busy_asleep_or_about_to_sleep()
    {
        for (var turn = 0; turn < 300; turn++)
        {
            var threads = new ComputeThreads(4, TimeSpan.FromMicroseconds(turn % 30));
            var work = new SumWork();
            threads.Run(4, ref work);
            var disposing = new Thread(threads.Dispose);
            disposing.Start();
            Assert.True(disposing.Join(Patience), $"turn {turn} hangs");
        }
    }

    [Fact]
    public async Task Work_makes_no_garbage()
    {
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(ComputeThreadsTests));
            return;
        }

        foreach (var spin in (int[])[0, 50])
        {
            using var threads = new ComputeThreads(4, TimeSpan.FromMicroseconds(spin));
            var (runs, fewest) = (new int[16], long.MaxValue);
            RunMany(threads, runs, 100);

            // The test's runner has threads of its own, which may allocate at any time: what work allocates, it does in each round.
            for (var round = 0; round < 10; round++)
            {
                var before = GC.GetTotalAllocatedBytes(precise: true);
                RunMany(threads, runs, 1000);
                fewest = Math.Min(fewest, GC.GetTotalAllocatedBytes(precise: true) - before);
            }

            Assert.Equal(0, fewest);
        }
    }

    /// <summary>Waits for a thread's end, however long it takes, as long as it comes to its next turn in time.</summary>
    internal static void JoinWhileItGoesOn(Thread thread, ref int turn)
    {
        for (var before = -1; !thread.Join(Patience);)
        {
            var now = Volatile.Read(ref turn);
            Assert.True(now != before, $"turn {now} hangs");
            before = now;
        }
    }

    private static void Wait(int nanoseconds)
    {
        var end = Stopwatch.GetTimestamp() + (long)(nanoseconds * 1e-9 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
        }
    }

    private static void RunMany(ComputeThreads threads, int[] runs, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var work = new CountWork(runs, failing: -1);
            threads.Run(runs.Length, ref work);
        }
    }

    private readonly struct CountWork(int[] runs, int failing) : IParallelWork
    {
        public void Run(int part)
        {
            Interlocked.Increment(ref runs[part]);
            if (part == failing)
            {
                throw new InvalidOperationException($"part {part}");
            }
        }
    }

    private readonly struct MeetWork(Barrier all) : IParallelWork
    {
        public void Run(int part) => Assert.True(all.SignalAndWait(Patience), "a thread is missing");
    }

    private struct SpinningMeetWork(int count) : IParallelWork
    {
        private int _missing = count;

        public void Run(int part)
        {
            Interlocked.Decrement(ref _missing);
            while (Volatile.Read(ref _missing) > 0)
            {
                Thread.Yield();
            }
        }
    }

    private readonly struct NameWork(Barrier both, (string? Name, bool IsBackground)[] seen) : IParallelWork
    {
        public void Run(int part)
        {
            seen[part] = (Thread.CurrentThread.Name, Thread.CurrentThread.IsBackground);
            Assert.True(both.SignalAndWait(Patience), "a thread is missing");
        }
    }

    private struct SumWork : IParallelWork
    {
        private int _sum;

        public readonly int Sum => _sum;

        public void Run(int part) => Interlocked.Add(ref _sum, part);
    }

    private readonly struct NestedWork(ComputeThreads threads, int[] results) : IParallelWork
    {
        public void Run(int part)
        {
            var inner = new OneThreadWork(Environment.CurrentManagedThreadId);
            threads.Run(5, ref inner);
            results[part] = inner.Sum;
        }
    }

    private struct OneThreadWork(int thread) : IParallelWork
    {
        public int Sum { get; private set; }

        public void Run(int part)
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Sum += part;
        }
    }

    /// <summary>Whose parts run now, and how many.</summary>
    private sealed class RunningWork
    {
        private readonly Lock _gate = new();
        private int _owner;
        private int _parts;

        public void Enter(int owner)
        {
            lock (_gate)
            {
                Assert.True(_parts == 0 || _owner == owner, $"a part of {owner} runs beside one of {_owner}");
                (_owner, _parts) = (owner, _parts + 1);
            }
        }

        public void Leave()
        {
            lock (_gate)
            {
                _parts--;
            }
        }
    }

    private readonly struct ExclusiveWork(RunningWork running, int owner, int[] runs) : IParallelWork
    {
        public void Run(int part)
        {
            running.Enter(owner);
            Interlocked.Increment(ref runs[part]);
            Thread.Yield();
            running.Leave();
        }
    }

    private readonly struct DisposeWork(ComputeThreads threads) : IParallelWork
    {
        public void Run(int part) => threads.Dispose();
    }
}
