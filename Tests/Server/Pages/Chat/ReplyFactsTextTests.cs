using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class ReplyFactsTextTests
{
    private static readonly ReplyFacts Nothing = new("tales", ReplyEnd.Stop, null, null, false, null, null, []);

    [Fact]
    public void Says_what_is_known_and_nothing_else()
    {
        Assert.Empty(ReplyFactsText.Of(Nothing));
        Assert.Equal(
            ["52.1 tokens/s", "first token after 81 ms", "240 tokens", "cut at the limit of tokens"],
            ReplyFactsText.Of(new("tales", ReplyEnd.Length, 3, 240, true, 0.0812, 52.1, [])));
        Assert.Equal(["about 1 token", "stopped"], ReplyFactsText.Of(Nothing with { End = ReplyEnd.Stopped, Tokens = 1 }));
    }

    [Fact]
    public void Names_nodes_in_the_order_of_the_layers()
    {
        Assert.Null(ReplyFactsText.NodesOf(Nothing));
        Assert.Equal("desk", ReplyFactsText.NodesOf(Nothing with { Nodes = [new("desk")] }));
        Assert.Equal("desk (layers 0..1) → lap (layers 2..3)", ReplyFactsText.NodesOf(Nothing with { Nodes = [new("desk", "0..1"), new("lap", "2..3")] }));
    }

    [Theory]
    [InlineData(null, "—")]
    [InlineData(0.25, "0.2 ms")]
    [InlineData(81.2, "81 ms")]
    [InlineData(1234.0, "1.23 s")]
    public void Times_have_their_best_unit(double? milliseconds, string expected) => Assert.Equal(expected, ReplyFactsText.TimeOf(milliseconds));
}
