using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class PlanWaitTests : IAsyncLifetime
{
    private static readonly ModelShape Shape = new()
    {
        Name = "model",
        HiddenSize = 1,
        LayerWeightBytes = [100, 100, 100, 100],
        LayerFileBytes = [100, 100, 100, 100],
        HeadWeightBytes = 1,
        KvBytesPerLayer = 1,
        WorkspaceBytes = 1,
    };

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _reasons = [];
    private SwarmServer _server = null!;

    private SwarmService Service => _server.Service;

    private FakeSwarm Swarm => _server.Swarm;

    public async ValueTask InitializeAsync() => _server = await SwarmServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Gives_layers_to_a_worker_that_shows_up_a_little_later()
    {
        var planning = PlanAsync(new PlanWait(Service, Split, _time));
        Assert.False(planning.IsCompleted);
        _time.Advance(Split.Settling.Limit - TimeSpan.FromSeconds(2));
        Assert.False(planning.IsCompleted);
        Join("desk");
        await TestPeer.UntilAsync(() => _reasons.Count == 2);
        Assert.Equal(2, (await PassTimeAsync(planning)).Stages.Count);
        Assert.Equal(["looking for who else is there: no worker is known yet", "looking for who else is there: 1 worker is known so far"], _reasons);
    }

    [Fact]
    public async Task Plans_alone_when_nobody_shows_up()
    {
        var plan = await PassTimeAsync(PlanAsync(new PlanWait(Service, Split, _time)));
        Assert.Equal(Swarm.Self.ToString(), Assert.Single(plan.Stages).NodeId);
    }

    [Fact]
    public async Task Waits_no_more_when_layers_are_placed_anew()
    {
        Join("desk");
        var wait = new PlanWait(Service, Split, _time);
        var planning = PlanAsync(wait);
        _time.Advance(Split.Settling.Quiet);
        Assert.Equal(2, (await planning).Stages.Count);

        // The first time, it would wait for a worker.
        Swarm.Others.Clear();
        Assert.Single((await PlanAtOnceAsync(wait)).Stages);
    }

    [Fact]
    public async Task Plans_at_once_with_the_workers_that_are_asked_for()
    {
        Join("desk");
        Assert.Equal(2, (await PlanAtOnceAsync(new PlanWait(Service, Split with { MinWorkers = 1 }, _time))).Stages.Count);
    }

    [Fact]
    public async Task Plans_at_once_where_all_nodes_are_named()
    {
        Join("desk");
        var manual = new ManualStrategy([new("desk", new(0, 4))]);
        Assert.Single((await PlanAtOnceAsync(new PlanWait(Service, Split with { Strategy = manual }, _time))).Stages);
    }

    [Fact]
    public async Task Plans_at_once_where_nothing_is_to_be_split() =>
        Assert.Single((await PlanAtOnceAsync(new PlanWait(Service, new(), _time))).Stages);

    private static HeadSettings Split => new() { Strategy = SplitStrategies.Default };

    private Task<SplitPlan> PlanAsync(PlanWait wait) =>
        wait.UntilPlannedAsync(Shape, () => 1000, 64, _reasons.Add, TestContext.Current.CancellationToken);

    private Task<SplitPlan> PlanAtOnceAsync(PlanWait wait)
    {
        var planning = PlanAsync(wait);
        Assert.True(planning.IsCompleted, string.Join('\n', _reasons));
        return planning;
    }

    private async Task<SplitPlan> PassTimeAsync(Task<SplitPlan> planning)
    {
        await TestPeer.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return planning.IsCompleted;
        });
        return await planning;
    }

    private void Join(string name)
    {
        var member = FakeSwarms.Member(name, MemberState.Alive, NodeRole.Worker) with { IsConnected = true };
        Swarm.Others.Add(member with { Facts = member.Facts with { FreeMemory = 1000 } });
        Swarm.Raise(SwarmEventKind.Joined, Swarm.Others[^1]);
    }
}
