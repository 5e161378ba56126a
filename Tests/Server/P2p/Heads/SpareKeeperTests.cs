using System.Collections.Concurrent;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class SpareKeeperTests : IAsyncLifetime
{
    private static readonly LayerRange Front = new(0, 4);
    private static readonly LayerRange Back = new(8, 4);

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<FakeSpare> _started = [];
    private readonly ConcurrentQueue<string> _said = [];
    private SwarmServer _server = null!;
    private volatile IReadOnlyList<NodeRange>? _places;
    private int _looks;

    private FakeSwarm Swarm => _server.Swarm;

    private string[] Started => [.. _started.Select(spare => spare.Name)];

    public async ValueTask InitializeAsync() => _server = await SwarmServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Those_with_the_most_free_memory_that_hold_no_layers_fetch_what_workers_have()
    {
        Join("small", 100);
        var one = Join("one", 900);
        Join("large", 500);
        Join("middle", 300);
        Join("no worker", 1000, NodeRole.Head);
        Place(one, Front, Swarm.Self.ToString(), new LayerRange(4, 4), "gone", Back);
        await using var keeper = Keep(2);
        await UntilAsync(() => _started.Count == 2);
        Assert.Equal(["large", "middle"], Started);
        Assert.All(_started, spare => Assert.Equal([Front, Back], spare.Layers));
        Assert.All(keeper.Spares, spare => Assert.False(spare.Ready));
    }

    [Fact]
    public async Task Says_who_is_ready_and_what_for()
    {
        var one = Join("one", 900);
        Join("two", 500);
        var two = Swarm.Others[1].Id;
        Place(one, Front, "other", new LayerRange(4, 2), Swarm.Self.ToString(), new LayerRange(6, 2));
        await using var keeper = Keep(1);
        await UntilAsync(() => _started.Count == 1);
        Assert.False(keeper.IsReady(two, Front));
        _started.First().BeReady();
        await UntilAsync(() => !_said.IsEmpty);
        Assert.Equal(["Spare two holds the weights of layers 0..5"], _said);
        Assert.Equal([(two.ToString(), "two", true)], keeper.Spares.Select(spare => (spare.Id, spare.Name, spare.Ready)));
        Assert.True(keeper.IsReady(two, Front));
        Assert.True(keeper.IsReady(two, new(2, 4)));
        Assert.False(keeper.IsReady(two, new(4, 4)));
        Assert.False(keeper.IsReady(Swarm.Others[0].Id, Front));
        _started.First().Fail("silence");
        Assert.False(keeper.IsReady(two, Front));
    }

    [Fact]
    public async Task Another_one_is_asked_where_one_fails_and_the_first_again_only_after_a_while()
    {
        Join("large", 900);
        Join("small", 500);
        Place("one", Front);
        await using var keeper = Keep(1);
        await FailAsync(1, "the disk is full");
        await FailAsync(2, "it has left");
        Join("late", 100);
        await UntilAsync(() => _started.Count == 3);
        Assert.Equal(["large", "small", "late"], Started);
        Assert.Equal(["large is no spare: the disk is full", "small is no spare: it has left"], _said);

        // What is known already is not said again.
        _time.Advance(SpareKeeper.Absence);
        await FailAsync(3, "it has left");
        await FailAsync(4, "the disk is full");
        await UntilAsync(() => _started.Count == 5);
        Assert.Equal(["large", "small"], Started[3..]);
        Assert.Equal(["late is no spare: it has left"], _said.Skip(2));
        Assert.All(_started.SkipLast(1), spare => Assert.True(spare.IsDisposed));
    }

    [Fact]
    public async Task One_that_takes_layers_is_none_any_more_and_another_follows()
    {
        var two = Join("two", 900);
        Join("three", 500);
        Place("one", Front);
        await using var keeper = Keep(1);
        await UntilAsync(() => _started.Count == 1);
        _started.First().BeReady();
        Place(two, Front);

        // Nobody tells it: it looks once in a while.
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            return _started.Count == 2;
        });
        Assert.Equal(["two", "three"], Started);
        Assert.True(_started.First().IsDisposed);
        Assert.DoesNotContain(_said, line => line.Contains("no spare", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fetches_again_where_workers_have_more_and_not_where_they_have_less()
    {
        Join("two", 900);
        Place("one", Front, Swarm.Self.ToString(), new LayerRange(4, 4), "other", Back);
        await using var keeper = Keep(1);
        await UntilAsync(() => _started.Count == 1);
        Place("one", Front);
        await LookedAsync();
        Assert.Equal(("two", false), (Assert.Single(_started).Name, _started.Single().IsDisposed));
        Place("one", new LayerRange(0, 8), "other", Back);
        Wake();
        await UntilAsync(() => _started.Count == 2);
        Assert.Equal([new LayerRange(0, 12)], _started.Last().Layers);
    }

    [Fact]
    public async Task Waits_until_layers_are_placed_and_somebody_comes()
    {
        Join("idle", 900);
        await using var keeper = Keep(2);
        await LookedAsync();
        Assert.Empty(_started);
        Place("one", Front);
        Wake();
        await UntilAsync(() => _started.Count == 1);
        Join("late", 100);
        await UntilAsync(() => _started.Count == 2);
    }

    [Fact]
    public async Task A_member_that_cannot_be_asked_does_not_end_it()
    {
        Join("bad", 900);
        Join("good", 500);
        Place("one", Front);
        await using var keeper = Keep(1, bad: "bad");
        await UntilAsync(() => _started.Count == 1);
        Assert.Equal(["good"], Started);
        Assert.Equal(["bad is no spare: no such layers"], _said);
    }

    [Fact]
    public async Task All_are_let_go_at_the_end()
    {
        Join("two", 900);
        Place("one", Front);
        var keeper = Keep(1);
        await UntilAsync(() => _started.Count == 1);
        await keeper.DisposeAsync();
        await keeper.DisposeAsync();
        Assert.True(_started.Single().IsDisposed);
        Assert.Empty(keeper.Spares);
    }

    private SpareKeeper Keep(int count, string? bad = null) =>
        new(_server.Service, count, Look, (member, layers) => Start(member, layers, bad), _said.Enqueue, _time);

    private IReadOnlyList<NodeRange>? Look()
    {
        Interlocked.Increment(ref _looks);
        return _places;
    }

    private FakeSpare Start(SwarmMember member, IReadOnlyList<LayerRange> layers, string? bad)
    {
        if (member.Facts.Name == bad)
        {
            throw new InvalidOperationException("no such layers");
        }

        var spare = new FakeSpare(member.Facts.Name, layers);
        _started.Enqueue(spare);
        return spare;
    }

    private async Task FailAsync(int count, string reason)
    {
        await UntilAsync(() => _started.Count == count);
        var spare = _started.Last();
        spare.Fail(reason);
        await TestPeer.UntilAsync(() => spare.IsDisposed);
    }

    private static Task UntilAsync(Func<bool> condition) => TestPeer.UntilAsync(condition);

    /// <summary>Whatever was to be done by what it knows now is done.</summary>
    private Task LookedAsync()
    {
        var looks = Volatile.Read(ref _looks);
        return UntilAsync(() =>
        {
            Wake();
            return Volatile.Read(ref _looks) >= looks + 3;
        });
    }

    private void Wake() => Swarm.Raise(SwarmEventKind.Updated, Swarm.Others[0]);

    /// <param name="places">Nodes' ids, each with its layers.</param>
    private void Place(params object[] places) =>
        _places = [.. places.Chunk(2).Select(pair => new NodeRange((string)pair[0], (LayerRange)pair[1]))];

    private string Join(string name, long memory, string role = NodeRole.Worker)
    {
        var member = FakeSwarms.Member(name, MemberState.Alive, role);
        Swarm.Others.Add(member with { Facts = member.Facts with { FreeMemory = memory } });
        Swarm.Raise(SwarmEventKind.Joined, Swarm.Others[^1]);
        return member.Id.ToString();
    }
}
