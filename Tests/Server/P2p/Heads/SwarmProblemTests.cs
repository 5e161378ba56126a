using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class SwarmProblemTests
{
    [Fact]
    public void Takes_measured_times_of_layers_where_nobody_says_otherwise()
    {
        NodeProfile[] nodes = [Node("a") with { DecodeMsPerLayer = 1 }, Node("b"), Node("c")];
        var times = SwarmProblem.WithSpeeds(nodes, new Dictionary<string, double> { ["a"] = 2, ["b"] = 3 }).Select(node => node.DecodeMsPerLayer);
        Assert.Equal([1, 3, null], times);
    }

    [Fact]
    public void Who_was_not_measured_is_as_fast_for_its_memory_as_those_who_were()
    {
        var shape = new ModelShape
        {
            Name = "model",
            HiddenSize = 1,
            LayerWeightBytes = [500_000, 1_500_000],
            LayerFileBytes = [1, 1],
            HeadWeightBytes = 1,
            KvBytesPerLayer = 1,
            WorkspaceBytes = 1,
        };
        NodeProfile[] nodes = [Node("a") with { DecodeMsPerLayer = 0.05, MemoryBandwidth = 10e9 }, Node("b") with { MemoryBandwidth = 5e9 }];
        Assert.Equal([10e9, 10e9], SwarmProblem.Calibrated(nodes, shape).Select(node => node.MemoryBandwidth));
        Assert.Same(nodes[1], Assert.Single(SwarmProblem.Calibrated([nodes[1]], shape)));
    }

    [Fact]
    public void Reads_weights_slower_than_a_plain_loop_reads_memory()
    {
        Assert.Equal(28e9, SwarmProblem.BandwidthOf(40_000_000_000));
        Assert.Equal(NodeProfile.AssumedMemoryBandwidth, SwarmProblem.BandwidthOf(0));
        Assert.Equal(NodeProfile.AssumedMemoryBandwidth, SwarmProblem.BandwidthOf(null));
    }

    [Theory]
    [InlineData(WireType.F32)]
    [InlineData(WireType.F16)]
    [InlineData(WireType.Q8)]
    public void Counts_the_bytes_that_are_sent(WireType wire) =>
        Assert.Equal(HiddenStates.BytesPerToken(wire, 128), SwarmProblem.BytesPerValue(wire) * 128);

    private static NodeProfile Node(string id) => new() { Id = id, Name = id, FreeMemory = 1 };
}
