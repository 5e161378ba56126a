using ManagedSwarm.Bench.Soak;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>A short soak; <c>Bench -- soak</c> is the long one.</summary>
[Trait("Tier", "Loopback")]
public sealed class SoakTests
{
    private const int GuardMilliseconds = 300_000;

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Streams_of_all_kinds_lose_nothing_and_leave_nothing()
    {
        // The heap is measured: other tests must not share it.
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(SoakTests));
            return;
        }

        var options = new SoakOptions { Seed = 20_261_128, Cycles = 8, StreamsPerWorker = 250 };
        var output = TestContext.Current.TestOutputHelper!;
        var result = await new SoakRun(options, output.WriteLine).RunAsync(TestContext.Current.CancellationToken);
        Assert.Empty(result.Problems);
        Assert.Equal(options.Cycles, result.Cycles);
    }

    [Fact]
    public void A_heap_that_grows_is_noticed_and_one_that_swings_is_not()
    {
        Assert.True(new HeapTrend([.. Enumerable.Range(0, 60).Select(cycle => cycle * 100_000L)]).IsLeak);
        Assert.False(new HeapTrend([.. Enumerable.Range(0, 60).Select(cycle => cycle % 3 * 5_000_000L)]).IsLeak);
        Assert.Equal(0, new HeapTrend([1, 100_000_000]).Slope);
    }

    [Fact]
    public void A_changed_a_lost_and_a_moved_byte_are_noticed()
    {
        Assert.Null(Receive(bytes => bytes).Compare());
        Assert.NotNull(Receive(bytes => [.. bytes[..^1], (byte)~bytes[^1]]).Compare());
        Assert.NotNull(Receive(bytes => [.. bytes[1..]]).Compare());
        Assert.NotNull(Receive(bytes => [.. bytes[8..], .. bytes[..8]]).Compare());
        Assert.NotNull(Receive(bytes => bytes[..^1], isEnded: true).Compare());
    }

    private static Direction Receive(Func<byte[], byte[]> change, bool isEnded = false)
    {
        var direction = new Direction(seed: 1, length: 100) { IsEnded = isEnded };
        var bytes = new byte[direction.Length];
        direction.CreateContent().Next(bytes);
        direction.Sent.Add(bytes);
        direction.Received.Add(change(bytes));
        return direction;
    }
}
