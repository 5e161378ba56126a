using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class ManualStrategyTests
{
    [Theory]
    [InlineData("desk=0..15", "desk", 0, 16)]
    [InlineData("a=b=3..3", "a=b", 3, 1)]
    [InlineData("my desk=007..8", "my desk", 7, 2)]
    public void Parses_ranges(string text, string node, int first, int count)
    {
        Assert.True(ManualRange.TryParse(text, out var range));
        Assert.Equal(new ManualRange(node, new(first, count)), range);
    }

    [Theory]
    [InlineData("")]
    [InlineData("desk")]
    [InlineData("=0..1")]
    [InlineData("desk=")]
    [InlineData("desk=1")]
    [InlineData("desk=1-2")]
    [InlineData("desk=2..1")]
    [InlineData("desk=-1..1")]
    [InlineData("desk=0..1 ")]
    [InlineData("desk=0...1")]
    [InlineData("desk=0..1024")]
    [InlineData("desk=0..99999999999")]
    public void Refuses_what_is_no_range(string text) => Assert.False(ManualRange.TryParse(text, out _));

    [Theory]
    [InlineData("laptop", "12D3KooWbbbb2222")]
    [InlineData("12D3KooWbbbb2222", "12D3KooWbbbb2222")]
    [InlineData("12D3KooWbb", "12D3KooWbbbb2222")]
    [InlineData("2222", "12D3KooWbbbb2222")]
    [InlineData("self", "12D3KooWaaaa1111")]
    public void Finds_a_node_by_what_people_call_it(string text, string id) =>
        Assert.Equal(id, Assert.Single(new ManualStrategy([new(text, new(0, 8))]).Split(Problem()).Stages).NodeId);

    [Theory]
    [InlineData("twin", "'twin' (layers 0..7) means more than one node: 'twin' (12D3KooWcccc3333), 'twin' (12D3KooWcccd4444); give an id")]
    [InlineData("12D3KooW", "means more than one node: 'desk' (12D3KooWaaaa1111), 'laptop' (12D3KooWbbbb2222), …")]
    [InlineData("222", "there is no node '222' for layers 0..7; there are 'desk' (12D3KooWaaaa1111)")]
    public void Refuses_what_means_no_node_or_several(string text, string says)
    {
        var exception = Assert.Throws<EngineException>(() => new ManualStrategy([new(text, new(0, 8))]).Split(Problem()));

        Assert.Equal("invalid_plan", exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    private static SplitProblem Problem()
    {
        var problem = SplitPlanTests.Problem();
        return problem with
        {
            Nodes =
            [
                problem.Nodes[0] with { Id = "12D3KooWaaaa1111", Name = "desk" },
                problem.Nodes[1] with { Id = "12D3KooWbbbb2222", Name = "laptop" },
                problem.Nodes[1] with { Id = "12D3KooWcccc3333", Name = "twin" },
                problem.Nodes[1] with { Id = "12D3KooWcccd4444", Name = "twin" },
            ],
        };
    }
}
