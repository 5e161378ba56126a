using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Chains;

namespace ManagedSwarm.Tests.Transport.Stages.Chains;

public sealed class ChainAveragesTests
{
    [Theory]
    [InlineData(new int[] { 1_000 }, 1_050, 1)]
    [InlineData(new int[] { 1_000 }, 1_900, 2)]
    [InlineData(new int[] { 1_000 }, 50_000, 2)]
    [InlineData(new int[] { 1_000, 1_000 }, 2_050, 2)]
    [InlineData(new int[] { 1_000, 1_000 }, 2_500, 3)]
    [InlineData(new int[] { 1_000, 100 }, 1_110, 2)]
    [InlineData(new int[] { 1_000, 1_000, 1_000, 1_000 }, 4_100, 4)]
    [InlineData(new int[] { 1_000, 1_000, 1_000, 1_000 }, 90_000, 5)]
    [InlineData(new int[] { 4_000, 1_000, 1_000, 1_000 }, 7_100, 2)]
    [InlineData(new int[] { 0, 0 }, 100, 2)]
    public void As_many_steps_are_in_flight_as_keep_the_slowest_busy(int[] compute, int elapsed, int steps)
    {
        var averages = new ChainAverages(compute.Length);
        averages.Add([.. compute.Select(time => new HopTime(0, time))], TimeSpan.FromMicroseconds(elapsed), 1);
        Assert.Equal(steps, averages.StepsInFlight);
    }

    [Fact]
    public void Nothing_measured_yet_is_one_step_or_two()
    {
        Assert.Equal(1, new ChainAverages(1).StepsInFlight);
        Assert.Equal(2, new ChainAverages(3).StepsInFlight);
    }

    [Fact]
    public void Averages_follow_what_is_measured()
    {
        var averages = new ChainAverages(2);
        averages.Add([new(5, 100), new(10, 200)], TimeSpan.FromMicroseconds(345), 8);
        Assert.Equal((10.0, 5.0, 200.0), (averages.Wire.TotalMicroseconds, averages.WaitOf(0).TotalMicroseconds, averages.ComputeOf(1).TotalMicroseconds));
        for (var i = 0; i < 200; i++)
        {
            averages.Add([new(0, 1_000), new(0, 50)], TimeSpan.FromMicroseconds(1_080), 8);
        }

        Assert.InRange(averages.ComputeOf(0).TotalMicroseconds, 999, 1_000);
        Assert.InRange(averages.ComputeOf(1).TotalMicroseconds, 50, 51);
        Assert.Equal((201, 201 * 8), (averages.Steps, averages.Bytes));
    }

    /// <summary>A chain of one stage has two hops: a step's way to it, and its result's way back.</summary>
    [Fact]
    public void The_way_back_is_one_of_the_hops()
    {
        Assert.Equal(TimeSpan.FromMicroseconds(50), new ChainAverages(1).Add([new(20, 880)], TimeSpan.FromMilliseconds(1), 8));
    }

    [Fact]
    public void A_trace_of_another_length_counts_for_nothing()
    {
        var averages = new ChainAverages(2);
        Assert.Equal(TimeSpan.Zero, averages.Add([new(5, 100)], TimeSpan.FromSeconds(1), 8));
        Assert.Equal(0, averages.Steps);
    }
}
