using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class LoadMonitorTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Reports_at_the_beginning_now_and_then_and_at_the_end()
    {
        var reports = new List<LoadProgress>();
        var monitor = new LoadMonitor(100 * MiB, new Reports(reports.Add), TestContext.Current.CancellationToken);
        for (var i = 0; i < 90; i++)
        {
            monitor.Advance(MiB);
        }

        monitor.Complete();
        monitor.Complete();
        Assert.Equal(
            [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 100],
            reports.Select(report => report.BytesDone / MiB));
        Assert.All(reports, report => Assert.Equal(100 * MiB, report.BytesTotal));
    }

    [Fact]
    public void Never_reports_more_than_all()
    {
        var reports = new List<LoadProgress>();
        var monitor = new LoadMonitor(5 * MiB, new Reports(reports.Add), TestContext.Current.CancellationToken);
        monitor.Advance(9 * MiB);
        monitor.Complete();
        Assert.Equal([0, 5 * MiB], reports.Select(report => report.BytesDone));
    }

    [Fact]
    public void Counts_what_many_threads_load_and_reports_it_in_order()
    {
        const int Steps = 20_480;
        const long Step = 64 << 10;
        var reports = new List<LoadProgress>();
        var monitor = new LoadMonitor(Steps * Step, new Reports(reports.Add), TestContext.Current.CancellationToken);
        Parallel.For(0, Steps, _ => monitor.Advance(Step));
        Assert.Equal(Steps * Step, reports[^1].BytesDone);
        Assert.All(reports.Zip(reports.Skip(1)), pair => Assert.Equal(4 * MiB, pair.Second.BytesDone - pair.First.BytesDone));
    }

    [Fact]
    public void Ends_a_load_that_is_cancelled()
    {
        using var cancelling = new CancellationTokenSource();
        var monitor = new LoadMonitor(MiB, null, cancelling.Token);
        monitor.Advance(1);
        cancelling.Cancel();
        Assert.Throws<OperationCanceledException>(() => monitor.Advance(1));
    }

    private sealed class Reports(Action<LoadProgress> take) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => take(value);
    }
}
