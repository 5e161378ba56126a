using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>The files that people write: nodes and ranges.</summary>
public sealed class PlanFilesTests
{
    [Fact]
    public void Reads_ranges() => Assert.Equal(
        [new("desk", new(0, 8)), new("lap", new(8, 4))],
        RangesFile.Parse("""[{"node": "desk", "layers": "0..7"}, {"node": "lap", "layers": "8..11"}]""", "r.json"));

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[", "not JSON")]
    [InlineData("{}", "at the top: expected a list of at most 1024 items, found an object")]
    [InlineData("[]", "at the top: expected at least one range, found a list of 0")]
    [InlineData("[1]", "[0]: expected an object with node, layers, found 1")]
    [InlineData("""[{"node": "a", "layers": "0..7"}, {"node": "b"}]""", "[1]: expected a field 'layers', found none")]
    [InlineData("""[{"node": "a", "layer": "0..7"}]""", "[0]: expected no field but node, layers, found 'layer'")]
    [InlineData("""[{"node": "a", "layers": "7"}]""", "[0].layers: expected layers such as \"0..7\", both ends included, found \"7\"")]
    [InlineData("""[{"node": "a", "layers": 7}]""", "[0].layers: expected a text of 1 to 256 characters, found 7")]
    [InlineData("""[{"node": "", "layers": "0..7"}]""", "[0].node: expected a text of 1 to 256 characters, found \"\"")]
    [InlineData("""[{"node": "a", "node": "b", "layers": "0..7"}]""", "not JSON")]
    public void Refuses_bad_ranges_and_says_where(string text, string says)
    {
        var exception = Assert.Throws<EngineException>(() => RangesFile.Parse(text, "r.json"));

        Assert.Equal("ranges_file", exception.Code);
        Assert.Contains("r.json: " + says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_nodes_and_links()
    {
        var file = NodesFile.Parse(
            """
            {
              // What is at home.
              "nodes": [
                {"name": "desk", "free_memory": "6G", "decode_ms_per_layer": 0.9, "prefill_ms_per_token_per_layer": 0.2, "head_ms": 3},
                {"name": "lap", "id": "x1", "free_memory": 4000000000, "memory_gb_per_s": 12, "head": true},
              ],
              "links": [
                {"from": "desk", "to": "lap", "latency_ms": 2.5, "mbit_per_s": 300},
                {"from": "x1", "to": "desk", "latency_ms": 7, "one_way": true}
              ],
              "other_links": {"latency_ms": 1}
            }
            """,
            "n.json");

        Assert.Equal(
            [
                new() { Id = "desk", Name = "desk", FreeMemory = 6L << 30, DecodeMsPerLayer = 0.9, PrefillMsPerTokenPerLayer = 0.2, HeadMs = 3 },
                new() { Id = "x1", Name = "lap", FreeMemory = 4_000_000_000, MemoryBandwidth = 12e9, IsHead = true },
            ],
            file.Nodes);
        Assert.Equal(new(2.5, 37.5e6), file.Links["desk", "x1"]);
        Assert.Equal(new(7, 125e6), file.Links["x1", "desk"]);
        Assert.Equal(new(1, 125e6), file.Links["x1", "other"]);
    }

    [Fact]
    public void The_first_node_is_the_head_where_none_says_so()
    {
        var file = NodesFile.Parse("""{"nodes": [{"name": "a", "free_memory": 1}, {"name": "b", "free_memory": 1}]}""", "n.json");

        Assert.Equal([true, false], file.Nodes.Select(node => node.IsHead));
        Assert.Equal(LinkProfile.Assumed, file.Links["a", "b"]);
    }

    [Theory]
    [InlineData("[]", "at the top: expected an object with nodes, links, other_links, found a list of 0")]
    [InlineData("{}", "at the top: expected a field 'nodes', found none")]
    [InlineData("""{"nodes": []}""", "nodes: expected at least one node")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": "6 apples"}]}""", "nodes[0].free_memory: expected a number of bytes such as 8000000000, 512M")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": -1}]}""", "nodes[0].free_memory: expected a number of bytes")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1, "decode_ms_per_layer": 0}]}""", "nodes[0].decode_ms_per_layer: expected a number above 0, found 0")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1, "head": "yes"}]}""", "nodes[0].head: expected true or false, found \"yes\"")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1, "speed": 1}]}""", "nodes[0]: expected no field but name, id, head, free_memory")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1}, {"name": "a", "free_memory": 1}]}""", "nodes: expected an id of its own for each node ('a' is there 2 times")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1, "head": true}, {"name": "b", "free_memory": 1, "head": true}]}""", "at most one with \"head\": true")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1}], "links": [{"from": "a", "to": "b"}]}""", "links[0].to: expected the id of a node, or a name that one node has, found \"b\"")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1}], "links": [{"from": "a", "to": "a", "latency_ms": -1}]}""", "links[0].latency_ms: expected a number of 0 or more, found -1")]
    [InlineData("""{"nodes": [{"name": "a", "free_memory": 1}], "other_links": {"mbit_per_s": 1e999}}""", "other_links.mbit_per_s: expected a number above 0, found 1e999")]
    public void Refuses_bad_nodes_and_says_where(string text, string says)
    {
        var exception = Assert.Throws<EngineException>(() => NodesFile.Parse(text, "n.json"));

        Assert.Equal("nodes_file", exception.Code);
        Assert.Contains("n.json: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_so_where_a_file_cannot_be_read()
    {
        using var folder = new TemporaryFolder();
        var large = Path.Combine(folder.Path, "large.json");
        using (var stream = File.Create(large))
        {
            stream.SetLength(17 << 20);
        }

        Assert.Equal("file_not_found", Assert.Throws<EngineException>(() => NodesFile.Read(Path.Combine(folder.Path, "none.json"))).Code);
        Assert.Equal("unreadable_file", Assert.Throws<EngineException>(() => NodesFile.Read(folder.Path)).Code);
        Assert.Equal("unreadable_file", Assert.Throws<EngineException>(() => RangesFile.Read(large)).Code);
    }
}
