using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>The formulas, worked out by hand.</summary>
public sealed class PredictionTests
{
    /// <summary>Skippy's measured decomposition (77.3 tokens/s alone, 20 ms each way): 12.9 + 2 · 20 + 4.9 = 57.8 ms.</summary>
    [Fact]
    public void Compute_is_not_divided_by_the_number_of_stages()
    {
        var problem = Problem(decodeMs: 12.9 / 8, new(20, 1e12)) with { HopOverheadMs = 4.9 / 2 };

        Assert.Equal(57.8, Split(problem, "a=0..3,b=4..7").MsPerToken, 1e-6);
        Assert.Equal(12.9, Split(problem, "a=0..7").MsPerToken, 1e-6);
    }

    [Fact]
    public void A_token_takes_all_stages_hops_and_the_head()
    {
        // 64 values of 4 bytes in 0.256 ms.
        var problem = Problem(decodeMs: 1, new(3, 1e6)) with { HopOverheadMs = 0.5 };
        problem = problem with { Nodes = [problem.Nodes[0] with { HeadMs = 7 }, problem.Nodes[1] with { DecodeMsPerLayer = 2 }] };
        const double hop = 3 + 0.256 + 0.5;

        Assert.Equal(7 + 4 + 8 + (2 * hop), Split(problem, "a=0..3,b=4..7").MsPerToken, 1e-9);
        Assert.Equal(7 + 16 + (2 * hop), Split(problem, "b=0..7").MsPerToken, 1e-9);
        Assert.Equal(7 + 8, Split(problem, "a=0..7").MsPerToken, 1e-9);
        Assert.Equal(7 + 4 + 8 + (2 * (hop - 0.128)), Split(problem with { WireBytesPerValue = 2 }, "a=0..3,b=4..7").MsPerToken, 1e-9);
    }

    [Fact]
    public void Links_are_directed()
    {
        var problem = Problem(decodeMs: 1, new(3, 1e12)) with { HopOverheadMs = 0 };
        problem = problem with { Links = new(new(3, 1e12), [("b", "a", new(10, 1e12))]) };

        Assert.Equal(8 + 3 + 10, Split(problem, "a=0..3,b=4..7").MsPerToken, 1e-6);
    }

    /// <summary>Four chunks of 25 through two stages of 4 layers: 0.1 + 24 · 0.01 ms each layer of a, and twice that of b.</summary>
    [Fact]
    public void Chunks_of_a_prompt_follow_each_other()
    {
        var problem = Problem(decodeMs: 0.1, new(3, 1e12)) with { HopOverheadMs = 0, PromptTokens = 100, ChunkTokens = 32 };
        problem = problem with
        {
            Nodes =
            [
                problem.Nodes[0] with { PrefillMsPerTokenPerLayer = 0.01, HeadMs = 7 },
                problem.Nodes[1] with { PrefillMsPerTokenPerLayer = 0.02, DecodeMsPerLayer = 0.2 },
            ],
        };
        const double a = 4 * (0.1 + (24 * 0.01));

        Assert.Equal(a + (2 * a) + (3 * 2 * a) + 6 + 7, Split(problem, "a=0..3,b=4..7").MsToFirstToken, 1e-3);
    }

    [Fact]
    public void A_slow_link_holds_the_chunks_up()
    {
        // 25 tokens of 64 values of 4 bytes at 64 000 bytes/s: 100 ms.
        var problem = Problem(decodeMs: 0.1, new(0, 64_000)) with { HopOverheadMs = 0, PromptTokens = 100, ChunkTokens = 25 };
        problem = problem with { Nodes = [.. problem.Nodes.Select(node => node with { PrefillMsPerTokenPerLayer = 0, HeadMs = 0 })] };

        Assert.Equal(0.8 + 200 + (3 * 100), Split(problem, "a=0..3,b=4..7").MsToFirstToken, 1e-6);
    }

    [Fact]
    public void Groups_of_requests_keep_all_stages_at_work()
    {
        var problem = Problem(decodeMs: 1, new(0, 1e12)) with { HopOverheadMs = 0, Requests = 8 };
        problem = problem with { Nodes = [.. problem.Nodes.Select(node => node with { PrefillMsPerTokenPerLayer = 0.25, HeadMs = 0 })] };

        var whole = Split(problem, "a=0..7");
        var split = Split(problem, "a=0..3,b=4..7");

        // One step of 8 rows: 8 layers of 1 + 7 · 0.25 ms; two groups of 4 rows: 4 layers of 1 + 3 · 0.25 ms each.
        Assert.Equal(8 / (8 * 2.75) * 1000, whole.TokensPerSecond, 1e-6);
        Assert.Equal(8 / (2 * 4 * 1.75) * 1000, split.TokensPerSecond, 1e-3);
        Assert.Equal((1, 2), (whole.Groups, split.Groups));
        Assert.Equal(4 * 1.75, split.BottleneckMs, 1e-9);
    }

    [Fact]
    public void More_groups_fill_a_long_way()
    {
        var problem = Problem(decodeMs: 1, new(50, 1e12)) with { HopOverheadMs = 0, Requests = 32 };

        Assert.InRange(Split(problem, "a=0..3,b=4..7").Groups, 3, 32);
    }

    [Fact]
    public void Times_that_nobody_has_measured_are_estimated_from_bytes()
    {
        var problem = Problem(decodeMs: null, new(0, 1e12)) with { HopOverheadMs = 0 };
        problem = problem with
        {
            // 100 bytes at 100 000 bytes/s: 1 ms each layer; 50 bytes of the head: 0.5 ms.
            Nodes = [problem.Nodes[0] with { MemoryBandwidth = 100_000 }, problem.Nodes[1] with { DecodeMsPerLayer = 1 }],
        };

        Assert.Equal(8.5, Split(problem, "a=0..7").MsPerToken, 1e-9);
        Assert.True(Split(problem, "a=0..7").IsEstimated);
        Assert.True(Split(problem, "b=0..7").IsEstimated);
        var other = problem with { Nodes = [problem.Nodes[0] with { DecodeMsPerLayer = 1 }, problem.Nodes[1] with { DecodeMsPerLayer = null }] };
        Assert.False(Split(other, "a=0..7").IsEstimated);
    }

    [Fact]
    public void Measured_times_are_scaled_by_the_bytes_of_layers()
    {
        var problem = Problem(decodeMs: 1, new(0, 1e12)) with { HopOverheadMs = 0 };
        problem = problem with
        {
            Shape = problem.Shape with { LayerWeightBytes = [300, 100, 100, 100, 50, 50, 50, 50] },
            Nodes = [problem.Nodes[0] with { HeadMs = 0 }, problem.Nodes[1] with { DecodeMsPerLayer = 0 }],
        };

        Assert.Equal(6, Split(problem, "a=0..3,b=4..7").MsPerToken, 1e-6);
        Assert.Equal(8, Split(problem, "a=0..7").MsPerToken, 1e-6);
    }

    private static Prediction Split(SplitProblem problem, string ranges) => SplitPlan.Create(problem, SplitPlanTests.Ranges(ranges)).Prediction;

    private static SplitProblem Problem(double? decodeMs, LinkProfile link)
    {
        var problem = SplitPlanTests.Problem();
        return problem with
        {
            Links = new(link, []),
            Nodes = [.. problem.Nodes.Select(node => node with { DecodeMsPerLayer = decodeMs, HeadMs = decodeMs is null ? null : 0 })],
        };
    }
}
