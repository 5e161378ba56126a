using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Tests.Server.Federation.Policies;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>What the router knows of instances, by the records of a swarm that a test says.</summary>
public sealed class PeerTableTests
{
    private static readonly RouteRequest Request = new() { Body = default, Model = "m" };
    private static readonly HashSet<PeerId> None = [];

    private readonly FakeTimeProvider _time = new();
    private readonly RouterOptions _options = new();

    [Fact]
    public async Task A_burst_is_shared_out_and_counts_until_it_is_over()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.AddRange([Instance("a"), Instance("b")]);
        using var table = Create(node);

        var leases = Enumerable.Range(0, 6).Select(_ => table.TryBegin(Request, None)!).ToList();

        Assert.Equal([3, 3], leases.CountBy(lease => lease.Name).Select(count => count.Value));
        Assert.Equal([3, 3], table.Figures.Select(peer => peer.InFlight));
        leases.ForEach(lease => lease.Dispose());
        leases[0].Dispose();
        Assert.Equal([0, 0], table.Figures.Select(peer => peer.InFlight));
    }

    [Fact]
    public async Task Only_those_get_requests_that_are_there_and_have_the_model()
    {
        await using var node = await SwarmServer.StartAsync();
        var draining = Instance("draining");
        node.Swarm.Others.AddRange(
        [
            Instance("lost", MemberState.Lost),
            Instance("left", MemberState.Left),
            Instance("other", model: "c"),
            Instance("worker", role: NodeRole.Worker),
            draining with { Facts = draining.Facts with { Models = [] } },
            Instance("suspect", MemberState.Suspect),
        ]);
        using var table = Create(node);

        // Who may be gone is asked where nobody else is.
        Assert.Equal("suspect", table.TryBegin(Request, None)!.Name);
        Add(node, Instance("alive"));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal("alive", table.TryBegin(Request, None)!.Name));
    }

    [Fact]
    public async Task One_that_has_come_gets_more_and_more()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(Instance("old"));
        using var table = Create(node);
        Assert.NotEmpty(table.Models);
        _time.Advance(PeerTable.Acquaintance);
        Add(node, Instance("new"));

        Assert.Equal(1, CountNew());
        _time.Advance(_options.SlowStart / 2);
        Assert.InRange(CountNew(), 5, 9);
        _time.Advance(_options.SlowStart / 2);
        Assert.Equal(10, CountNew());

        int CountNew()
        {
            var leases = Enumerable.Range(0, 20).Select(_ => table.TryBegin(Request, None)!).ToList();
            leases.ForEach(lease => lease.Dispose());
            return leases.Count(lease => lease.Name == "new");
        }
    }

    [Fact]
    public async Task Those_that_show_up_when_a_router_begins_to_look_are_not_new()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(Instance("first"));
        using var table = Create(node);
        Assert.NotEmpty(table.Models);
        _time.Advance(PeerTable.Acquaintance / 2);
        Add(node, Instance("second"));

        var leases = Enumerable.Range(0, 20).Select(_ => table.TryBegin(Request, None)!).ToList();

        Assert.Equal(10, leases.Count(lease => lease.Name == "second"));
    }

    [Fact]
    public async Task One_that_fails_gets_nothing_for_a_while_and_then_one_to_try()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(Instance("a"));
        using var table = Create(node);
        for (var i = 0; i < _options.Breaker.Failures; i++)
        {
            using var lease = table.TryBegin(Request, None)!;
            lease.Lost();
        }

        Assert.Null(table.TryBegin(Request, None));
        Assert.True(Assert.Single(table.Figures).IsOpen);
        _time.Advance(_options.Breaker.FirstPause);
        var probe = table.TryBegin(Request, None)!;
        Assert.Null(table.TryBegin(Request, None));
        probe.Answered(200);
        probe.Dispose();
        Assert.NotNull(table.TryBegin(Request, None));
    }

    [Fact]
    public async Task Requests_of_others_count_and_its_own_count_once()
    {
        await using var node = await SwarmServer.StartAsync();
        var (one, two) = (Instance("a"), Instance("b"));
        node.Swarm.Others.AddRange([one, two]);
        using var table = Create(node);
        var first = table.TryBegin(Request, None)!;
        var (its, others) = first.Id == one.Id ? (one, two) : (two, one);

        // It says that it has this one; the other has two of another router.
        Change(node, its, load: 1);
        Change(node, others, load: 2);

        Assert.Equal(its.Id, table.TryBegin(Request, None)!.Id);
    }

    [Fact]
    public async Task One_whose_answers_are_all_errors_gets_nothing_for_a_while()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(Instance("a"));
        using var table = Create(node);
        for (var i = 0; i < _options.Breaker.Errors; i++)
        {
            using var lease = table.TryBegin(Request, None)!;
            lease.Answered(500);
        }

        Assert.Null(table.TryBegin(Request, None));
    }

    [Fact]
    public async Task A_model_that_nobody_has_any_more_is_forgotten_after_a_while()
    {
        await using var node = await SwarmServer.StartAsync();
        var (one, two) = (Instance("a"), Instance("b", model: "c"));
        node.Swarm.Others.AddRange([one, two]);
        using var table = Create(node);
        Assert.Equal(["c", "m"], table.Models.Select(model => model.Id));

        _time.Advance(_options.RememberModels);
        Change(node, two, load: 0, without: true);
        Assert.Equal((true, true), (table.MayCome("m"), table.MayCome("c")));
        _time.Advance(TimeSpan.FromTicks(1));
        Change(node, one, load: 1);
        Assert.Equal((true, false), (table.MayCome("m"), table.MayCome("c")));
    }

    [Fact]
    public async Task Prompts_that_begin_alike_stay_where_they_are_while_speeds_become_known()
    {
        await using var node = await SwarmServer.StartAsync();
        var others = Enumerable.Range(0, 4).Select(i => Instance($"{i}")).ToList();
        node.Swarm.Others.AddRange(others);
        using var table = new PeerTable(node.Service, _options, new PrefixPolicy(isGuarded: true), _time);
        var first = Send();

        // As fast as each other but for what is measured.
        for (var i = 0; i < others.Count; i++)
        {
            Change(node, others[i], load: 0, tokensPerSecond: 100 + i);
        }

        Assert.Equal(first, Send());

        List<string> Send() =>
        [
            .. Enumerable.Range(0, 40).Select(group =>
            {
                using var lease = table.TryBegin(Candidates.Request(group, shared: 4, own: 0), None)!;
                return lease.Name;
            }),
        ];
    }

    [Fact]
    public async Task Sees_its_own_node_s_model_though_no_event_tells_of_it()
    {
        await using var node = await SwarmServer.StartAsync(options =>
            options with { Swarm = options.Swarm with { Settings = options.Swarm.Settings with { Roles = [NodeRole.Instance, NodeRole.Router] } } });
        using var table = Create(node);
        Assert.Empty(table.Models);

        node.Service.Announce([new("m", "", 1)]);
        _time.Advance(PeerTable.OwnFactsAge);

        Assert.Equal(["m"], table.Models.Select(model => model.Id));
        Assert.NotNull(table.TryBegin(Request, None));
    }

    private static SwarmMember Instance(string name, MemberState state = MemberState.Alive, string model = "m", string role = NodeRole.Instance)
    {
        var member = FakeSwarms.Member(name, state, role);
        return member with { Facts = member.Facts with { Models = [new(model, "", 1)] } };
    }

    private static void Add(SwarmServer node, SwarmMember member)
    {
        node.Swarm.Others.Add(member);
        node.Swarm.Raise(SwarmEventKind.Joined, member);
    }

    private static void Change(SwarmServer node, SwarmMember member, int load, bool without = false, int tokensPerSecond = 0)
    {
        var facts = member.Facts with { Load = new(load, 0) { TokensPerSecond = tokensPerSecond } };
        var changed = member with { Sequence = member.Sequence + 1, Facts = without ? facts with { Models = [] } : facts };
        node.Swarm.Others[node.Swarm.Others.FindIndex(other => other.Id == member.Id)] = changed;
        node.Swarm.Raise(SwarmEventKind.Updated, changed);
    }

    private PeerTable Create(SwarmServer node) => new(node.Service, _options, new LeastBusyPolicy(), _time);
}
