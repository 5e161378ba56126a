using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>Pages are told what is new, soon and not too often.</summary>
public sealed class SwarmFeedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tells_what_is_new_and_a_burst_once()
    {
        var time = new FakeTimeProvider();
        await using var node = await SwarmServer.StartAsync();
        var models = new ModelSlot();
        using var journal = new SwarmJournal(node.Service, models, time);
        await using var feed = new SwarmFeed(node.Service, models, journal, time);
        using var told = new SemaphoreSlim(0);
        feed.Look();
        using var watching = feed.Watch(() => told.Release());

        for (var i = 0; i < 10; i++)
        {
            var member = FakeSwarms.Member($"w{i}", roles: NodeRole.Worker);
            node.Swarm.Others.Add(member);
            node.Swarm.Raise(SwarmEventKind.Joined, member);
        }

        time.Advance(SwarmFeed.Interval);
        await told.WaitAsync(Cancellation);

        Assert.Equal(11, feed.Current.Nodes.Count);
        Assert.Equal(0, told.CurrentCount);
    }

    [Fact]
    public async Task Does_nothing_while_nobody_looks()
    {
        var time = new FakeTimeProvider();
        await using var node = await SwarmServer.StartAsync();
        var models = new ModelSlot();
        using var journal = new SwarmJournal(node.Service, models, time);
        await using var feed = new SwarmFeed(node.Service, models, journal, time);
        var before = feed.Look();
        using var told = new SemaphoreSlim(0);
        feed.Watch(() => told.Release()).Dispose();

        var member = FakeSwarms.Member("w0", roles: NodeRole.Worker);
        node.Swarm.Others.Add(member);
        node.Swarm.Raise(SwarmEventKind.Joined, member);
        time.Advance(SwarmFeed.Interval * 10);

        Assert.Same(before, feed.Current);
        Assert.Equal(0, told.CurrentCount);
    }

    [Fact]
    public async Task Goes_on_for_who_looks_later()
    {
        var time = new FakeTimeProvider();
        await using var node = await SwarmServer.StartAsync();
        var models = new ModelSlot();
        using var journal = new SwarmJournal(node.Service, models, time);
        await using var feed = new SwarmFeed(node.Service, models, journal, time);
        feed.Watch(() => { }).Dispose();
        using var told = new SemaphoreSlim(0);
        using var watching = feed.Watch(() => told.Release());

        models.Status = new(HeadState.Waiting, null, null, null, "nobody is there");
        while (!told.Wait(0, Cancellation))
        {
            // The loop of before has to end first.
            time.Advance(SwarmFeed.Interval);
            await Task.Yield();
        }

        Assert.Equal("nobody is there", feed.Current.Journal[0].Text);
    }
}
