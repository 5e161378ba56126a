using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class RetryEstimateTests
{
    [Fact]
    public void Is_a_second_where_nothing_is_known() => Assert.Equal(1, new RetryEstimate().Next(40).TotalSeconds);

    [Fact]
    public void Is_the_mean_stay_over_those_who_are_here()
    {
        var estimate = new RetryEstimate();
        estimate.Leaves(TimeSpan.FromSeconds(40));
        Assert.Equal(10, estimate.Next(4).TotalSeconds);
        Assert.Equal(40, estimate.Next(0).TotalSeconds);

        // The newest counts for an eighth.
        estimate.Leaves(TimeSpan.FromSeconds(80));
        Assert.Equal(45.0 / 5, estimate.Next(5).TotalSeconds);
    }

    [Fact]
    public void Is_never_less_than_a_second_or_more_than_a_minute()
    {
        var estimate = new RetryEstimate();
        estimate.Leaves(TimeSpan.FromHours(1));
        Assert.Equal(60, estimate.Next(1).TotalSeconds);
        Assert.Equal(1, estimate.Next(100_000).TotalSeconds);
    }
}
