using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;
using Microsoft.Extensions.Time.Testing;
using ChainStage = ManagedSwarm.Transport.Stages.StageAssignment;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class MemberPlacesTests : IAsyncLifetime
{
    private static readonly LayerRange Gap = new(1, 2);

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
    private readonly List<LayerRange> _asked = [];
    private SwarmServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SwarmServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_member_that_has_the_weights_of_just_these_layers_comes_before_others()
    {
        PeerId[] ids = [Join("large", 900), Join("small", 500), Join("middle", 700)];
        Assert.Equal(ids[0], await FindAsync(_ => false));
        Assert.Equal(ids[1], await FindAsync(id => id == ids[1]));
        Assert.All(_asked, layers => Assert.Equal(Gap, layers));
    }

    [Fact]
    public async Task One_that_was_lost_does_not_get_them_back_at_once_even_if_it_has_them()
    {
        PeerId[] ids = [Join("large", 900), Join("small", 500)];
        Assert.Equal(ids[0], await FindAsync(id => id == ids[1], lost: ids[1]));
    }

    [Fact]
    public async Task One_that_was_lost_at_the_same_time_or_may_be_is_not_asked()
    {
        PeerId[] ids = [Join("large", 900), Join("small", 500)];
        Assert.Equal(ids[1], await FindAsync(_ => false, inDoubt: ids[0]));
    }

    [Fact]
    public async Task One_that_was_lost_just_before_is_not_asked_for_other_layers_until_it_can_be_back()
    {
        PeerId[] ids = [Join("large", 900), Join("small", 500)];
        var places = Places(_ => false);
        Assert.Equal(ids[1], await FindAsync(places, ids[0]));
        Assert.Equal(ids[1], await FindAsync(places));
        _time.Advance(MemberPlaces.Absence);
        Assert.Equal(ids[0], await FindAsync(places));
    }

    private MemberPlaces Places(Func<PeerId, bool> isWarm) =>
        new(
            _server.Service,
            () => SwarmProblem.Of(_server.Swarm, Shape, new(), 1000, 64, new Dictionary<string, double>()),
            range => Stage(PeerId.Parse(range.NodeId), range.Layers),
            (member, layers) =>
            {
                _asked.Add(layers);
                return isWarm(member.Id);
            },
            _time);

    private Task<PeerId> FindAsync(Func<PeerId, bool> isWarm, PeerId? lost = null, PeerId? inDoubt = null) => FindAsync(Places(isWarm), lost, inDoubt);

    private static async Task<PeerId> FindAsync(MemberPlaces places, PeerId? lost = null, PeerId? inDoubt = null)
    {
        var gap = new StageGap(Gap, Stage(lost ?? FakeSwarms.Member("gone").Id, Gap), [], "it was reset")
        {
            InDoubt = inDoubt is null ? [] : [Stage(inDoubt, new LayerRange(0, 1))],
        };
        return Assert.Single(await places.FindAsync(gap, _ => { }, TestContext.Current.CancellationToken)).Worker.Id;
    }

    private static ChainStage Stage(PeerId id, LayerRange layers) => new() { Worker = new(id, []), Node = "node", Layers = layers };

    private PeerId Join(string name, long memory)
    {
        var member = FakeSwarms.Member(name, MemberState.Alive, NodeRole.Worker);
        _server.Swarm.Others.Add(member with { Facts = member.Facts with { FreeMemory = memory } });
        return member.Id;
    }
}
