using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Server.P2p;

public sealed class StageProgressTextTests
{
    [Theory]
    [InlineData(StageState.Fetching, 42, 100, 0, "fetching weights: 42 %")]
    [InlineData(StageState.Fetching, 0, 0, 0, "fetching weights")]
    [InlineData(StageState.Fetching, 420_000_000, 1_000_000_000, 110_000_000, "fetching weights: 42 %, 110 MB/s, 6 s left")]
    [InlineData(StageState.Fetching, 0, 30_000_000, 100_000, "fetching weights: 0 %, 0.1 MB/s, 5 min left")]
    [InlineData(StageState.Fetching, 0, 40_000_000_000, 1_000_000, "fetching weights: 0 %, 1.0 MB/s, 12 h left")]
    [InlineData(StageState.Fetching, 0, long.MaxValue, 1, "fetching weights: 0 %, 0.0 MB/s, 168 h left")]
    [InlineData(StageState.Fetching, 7, 5, 1, "fetching weights: 100 %, 0.0 MB/s, 0 s left")]
    [InlineData(StageState.Loading, 50, 100, 0, "loading: 50 %")]
    public void Says_how_far_it_is_how_fast_and_for_how_long_still(StageState state, long done, long total, long rate, string text) =>
        Assert.Equal(text, StageProgressText.Of(new(state, done, total, rate)));
}
