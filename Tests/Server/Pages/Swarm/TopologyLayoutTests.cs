using ManagedSwarm.Server.Pages.Swarm.State;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

public sealed class TopologyLayoutTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(13)]
    [InlineData(21)]
    [InlineData(50)]
    public void No_node_lies_on_another_or_outside(int count)
    {
        var map = TopologyLayout.Of(State(count));

        Assert.Equal(count, map.Nodes.Count);
        Assert.All(map.Nodes, node =>
        {
            Assert.InRange(node.X, node.BoxWidth / 2, Topology.Width - (node.BoxWidth / 2));
            Assert.InRange(node.Y, node.BoxHeight / 2, map.Height - (node.BoxHeight / 2));
        });
        foreach (var (index, node) in map.Nodes.Index())
        {
            Assert.DoesNotContain(map.Nodes.Skip(index + 1), other =>
                Math.Abs(other.X - node.X) < Math.Min(node.BoxWidth, 90) && Math.Abs(other.Y - node.Y) < Math.Min(node.BoxHeight, 26));
        }
    }

    [Fact]
    public void Draws_the_way_of_a_step_from_the_head_and_back()
    {
        var state = State(3) with
        {
            Pipelines = [new("llama", "id-0", [new("id-0", "n0", 0, 2), new("id-1", "n1", 2, 4, HopMs: 0.5), new("id-2", "n2", 4, 6)])],
        };

        var map = TopologyLayout.Of(state);

        Assert.Equal(["0.50 ms", "", ""], map.Hops.Select(hop => hop.Label));
    }

    [Fact]
    public void Is_equal_where_nothing_moves() => Assert.Equal(TopologyLayout.Of(State(9)), TopologyLayout.Of(State(9)));

    private static SwarmPageState State(int count) => new()
    {
        IsOn = true,
        Nodes =
        [
            .. Enumerable.Range(0, count).Select(index => new NodeCard { Id = $"id-{index}", Name = $"n{index}", State = "alive", IsSelf = index == 0, IsConnected = true }),
        ],
    };
}
