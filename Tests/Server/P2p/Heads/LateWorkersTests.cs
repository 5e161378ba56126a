using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class LateWorkersTests
{
    [Fact]
    public void Only_a_chains_layers_are_placed_anew_with_what_its_nodes_would_have_without_them()
    {
        var whole = new SplitProblem
        {
            Shape = new()
            {
                Name = "model",
                HiddenSize = 4,
                LayerWeightBytes = [1, 2, 3, 4],
                LayerFileBytes = [5, 6, 7, 8],
                HeadWeightBytes = 9,
                KvBytesPerLayer = 1,
                WorkspaceBytes = 1,
            },
            Nodes =
            [
                new() { Id = "head", Name = "head", IsHead = true, FreeMemory = 10 },
                new() { Id = "a", Name = "a", FreeMemory = 20 },
                new() { Id = "b", Name = "b", FreeMemory = 30 },
            ],
            MinWorkers = 3,
        };
        var problem = LateWorkers.Of(whole, new(1, 2), new Dictionary<string, long> { ["a"] = 7 });
        problem.Validate();
        Assert.Equal([2, 3], problem.Shape.LayerWeightBytes);
        Assert.Equal([6, 7], problem.Shape.LayerFileBytes);
        Assert.Equal([10, 27, 30], problem.Nodes.Select(node => node.FreeMemory));
        Assert.False(problem.HeadHoldsLayers);
        Assert.Equal(0, problem.MinWorkers);
    }
}
