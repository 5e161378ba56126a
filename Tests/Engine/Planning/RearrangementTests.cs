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
        Assert.Equal([new("w0", new(0, 6)), new("w1", new(6, 6))], found.Ranges!);
        Assert.Null(found.Reason);
    }

    [Fact]
    public void Leaves_all_as_it_is_where_it_is_the_best_already() =>
        Stays("is the one that there is", Find([new("w0", new(0, 6)), new("w1", new(6, 6))], workers: 2, Room(2, Plenty)));

    [Fact]
    public void Leaves_all_as_it_is_where_there_is_no_room_for_both_places_for_a_moment()
    {
        NodeRange[] two = [new("w0", new(0, 6)), new("w1", new(6, 6))];
        Stays("w1 has not", Find(two, workers: 3, new Dictionary<string, long> { ["w0"] = 0, ["w1"] = 3 * LayerBytes, ["w2"] = Plenty }));
        Stays("w1 has not", Find(AllOnOne, workers: 2, new Dictionary<string, long> { ["w0"] = Plenty, ["w1"] = 5 * LayerBytes }));
    }

    [Fact]
    public void Needs_no_room_where_layers_are_only_given_away() => Assert.Equal(
        [new("w0", new(0, 6)), new("w1", new(6, 6))],
        Find(AllOnOne, workers: 2, new Dictionary<string, long> { ["w0"] = 0, ["w1"] = Plenty }).Ranges!);

    [Fact]
    public void Leaves_all_as_it_is_where_another_hop_costs_more_than_it_brings()
    {
        // A hop of a second.
        var far = new LinkMatrix(LinkProfile.Assumed with { LatencyMs = 1_000 }, []);
        Stays("tokens/s with it", Rearrangement.Find(Problem(2) with { Links = far }, AllOnOne, new MemoryStrategy(), Room(2, Plenty)));
    }

    [Fact]
    public void Ends_the_need_of_a_node_that_has_two_ranges()
    {
        NodeRange[] need = [new("w0", new(0, 4)), new("w1", new(4, 4)), new("w0", new(8, 4))];
        Assert.Equal(3, Find(need, workers: 3, Room(3, Plenty)).Ranges!.Count);
    }

    [Fact]
    public void Waits_where_a_node_is_gone() =>
        Stays("about to be lost", Find([new("gone", new(0, Layers))], workers: 2, Room(2, Plenty)));

    [Fact]
    public void Says_why_where_there_is_no_plan_at_all() =>
        Stays("not_enough_memory", Find(AllOnOne, workers: 1, Room(1, Plenty), free: LayerBytes));

    private static void Stays(string reason, RearrangementChoice found)
    {
        Assert.Null(found.Ranges);
        Assert.Contains(reason, found.Reason, StringComparison.Ordinal);
    }

    private static RearrangementChoice Find(
        NodeRange[] current, int workers, IReadOnlyDictionary<string, long> room, long free = 20 * LayerBytes) =>
        Rearrangement.Find(Problem(workers, free), current, new MemoryStrategy(), room);

    private static Dictionary<string, long> Room(int workers, long each) => Enumerable.Range(0, workers).ToDictionary(i => $"w{i}", _ => each);

    private static SplitProblem Problem(int workers, long free = 20 * LayerBytes) => new()
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
            .. Enumerable.Range(0, workers).Select(i => new NodeProfile { Id = $"w{i}", Name = $"w{i}", FreeMemory = free }),
        ],
        HeadHoldsLayers = false,
    };
}
