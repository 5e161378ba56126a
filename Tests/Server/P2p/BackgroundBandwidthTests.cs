using ManagedSwarm.Server.P2p;

namespace ManagedSwarm.Tests.Server.P2p;

public sealed class BackgroundBandwidthTests
{
    [Fact]
    public async Task Measures_once_beside_all_else_and_says_when_it_is_known()
    {
        using var go = new ManualResetEventSlim();
        var (measured, told) = (0, 0L);
        BackgroundBandwidth bandwidth = null!;
        bandwidth = new(() =>
        {
            go.Wait(TestContext.Current.CancellationToken);
            return 1000 + Interlocked.Increment(ref measured);
        });
        bandwidth.Start(() => told = bandwidth.BytesPerSecond);
        bandwidth.Start(() => told = -1);
        Assert.Equal(0, bandwidth.BytesPerSecond);
        go.Set();
        await bandwidth.Finished;
        Assert.Equal((1, 1001, 1001), (measured, told, bandwidth.BytesPerSecond));
    }

    [Fact]
    public async Task Tells_nobody_where_there_is_no_memory_for_it()
    {
        var bandwidth = new BackgroundBandwidth(() => throw new InsufficientMemoryException());
        bandwidth.Start(() => Assert.Fail("it is not known"));
        await bandwidth.Finished;
        Assert.Equal(0, bandwidth.BytesPerSecond);
    }

    [Fact]
    public void Is_not_measured_where_nobody_wants_to_know()
    {
        var bandwidth = new BackgroundBandwidth(null);
        bandwidth.Start(() => Assert.Fail("it is not known"));
        Assert.True(bandwidth.Finished.IsCompletedSuccessfully);
    }
}
