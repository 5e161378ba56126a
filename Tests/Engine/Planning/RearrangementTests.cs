using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class RearrangementTests
{
    private const int Layers = 12;
    private const long LayerBytes = 200_000_000;
    private const long Plenty = 1L << 40;

    private static readonly NodeRange[] AllOnOne = [new("w0", new(0, Layers))];

    [Fact]
    public void Gives_a_worker_that_comes_its_share()
    {
        var found = Find(AllOnOne, workers: 2, Room(2, Plenty));
        Assert.Equal([new("w0", new(0, 6)), new("w1", new(6, 6))], found);
    }

    [Fact]
    public void Leaves_all_as_it_is_where_it_is_the_best_already() =>
        Assert.Null(Find([new("w0", new(0, 6)), new("w1", new(6, 6))], workers: 2, Room(2, Plenty)));

    [Fact]
    public void Leaves_all_as_it_is_where_there_is_no_room_for_both_places_for_a_moment()
    {
        Assert.Null(Find(AllOnOne, workers: 2, new Dictionary<string, long> { ["w0"] = 5 * LayerBytes, ["w1"] = Plenty }));
        Assert.Null(Find(AllOnOne, workers: 2, new Dictionary<string, long> { ["w0"] = Plenty, ["w1"] = 5 * LayerBytes }));
    }

    [Fact]
    public void Leaves_all_as_it_is_where_another_hop_costs_more_than_it_brings()
    {
        // A hop of a second.
        var far = new LinkMatrix(LinkProfile.Assumed with { LatencyMs = 1_000 }, []);
        Assert.Null(Rearrangement.Find(Problem(2) with { Links = far }, AllOnOne, new MemoryStrategy(), Room(2, Plenty)));
    }

    [Fact]
    public void Ends_the_need_of_a_node_that_has_two_ranges()
    {
        NodeRange[] need = [new("w0", new(0, 4)), new("w1", new(4, 4)), new("w0", new(8, 4))];
        Assert.Equal(3, Find(need, workers: 3, Room(3, Plenty))!.Count);
    }

    [Fact]
    public void Waits_where_a_node_is_gone() => Assert.Null(Find([new("gone", new(0, Layers))], workers: 2, Room(2, Plenty)));

    private static IReadOnlyList<NodeRange>? Find(NodeRange[] current, int workers, IReadOnlyDictionary<string, long> room) =>
        Rearrangement.Find(Problem(workers), current, new MemoryStrategy(), room);

    private static Dictionary<string, long> Room(int workers, long each) => Enumerable.Range(0, workers).ToDictionary(i => $"w{i}", _ => each);

    private static SplitProblem Problem(int workers) => new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 2048,
            LayerWeightBytes = [.. Enumerable.Repeat(LayerBytes, Layers)],
            LayerFileBytes = [.. Enumerable.Repeat(LayerBytes, Layers)],
            HeadWeightBytes = 1_000_000,
            KvBytesPerLayer = 1_000_000,
            WorkspaceBytes = 1_000_000,
        },
        Nodes =
        [
            new() { Id = "head", Name = "head", IsHead = true, FreeMemory = Plenty },
            .. Enumerable.Range(0, workers).Select(i => new NodeProfile { Id = $"w{i}", Name = $"w{i}", FreeMemory = 20 * LayerBytes }),
        ],
        HeadHoldsLayers = false,
    };
}
