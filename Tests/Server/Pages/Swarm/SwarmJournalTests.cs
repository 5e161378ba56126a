using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>What has happened, for those who look later.</summary>
public sealed class SwarmJournalTests
{
    [Fact]
    public async Task Remembers_what_has_happened()
    {
        await using var node = await SwarmServer.StartAsync();
        using var journal = new SwarmJournal(node.Service, new ModelSlot(), TimeProvider.System);
        var member = FakeSwarms.Member("w0", roles: NodeRole.Worker);

        node.Swarm.Raise(SwarmEventKind.Joined, member);
        node.Swarm.Raise(SwarmEventKind.Updated, member);
        node.Swarm.Raise(SwarmEventKind.Lost, member);
        journal.Add("w1 keeps the weights of w0");

        Assert.Equal(
            [("plain", "w1 keeps the weights of w0"), ("bad", "w0 is lost"), ("good", "w0 has joined")],
            journal.Lines.Select(line => (line.Kind, line.Text)));
    }

    [Fact]
    public async Task Says_of_a_load_that_it_begins_and_that_it_is_over()
    {
        await using var node = await SwarmServer.StartAsync(joined: false);
        var models = new ModelSlot();
        var time = new FakeTimeProvider();
        using var journal = new SwarmJournal(node.Service, models, time);

        models.Status = new(HeadState.Waiting, null, null, null, "1 worker is missing");
        models.Status = new(HeadState.Fetching, "w1", 0.1, null, "w1 is fetching weights: 10 %");
        models.Status = new(HeadState.Fetching, "w2", 0.2, null, "w2 is fetching weights: 20 %");
        models.Status = new(HeadState.Loading, "w1", 0.3, null, "w1 is loading: 30 %");
        models.Status = new(HeadState.Fetching, "w2", 0.4, null, "w2 is fetching weights: 40 %");
        time.Advance(TimeSpan.FromSeconds(2.5));
        models.Status = HeadStatus.Ready;
        models.Status = HeadStatus.Ready;
        Assert.Equal(
            [("good", "All layers are covered after 2.5 s"), ("plain", "Workers load their layers"), ("warn", "1 worker is missing")],
            journal.Lines.Select(line => (line.Kind, line.Text)));

        models.Status = new(HeadState.Waiting, "w1", null, null, "Layers 1..2 were lost with w1");
        models.Status = new(HeadState.Loading, "w2", 0.8, null, "w2 is loading: 80 %");
        time.Advance(TimeSpan.FromMilliseconds(300));
        models.Status = HeadStatus.Ready;

        Assert.Equal(
            ["All layers are covered after 300 ms", "Workers load their layers", "Layers 1..2 were lost with w1"],
            journal.Lines.Take(3).Select(line => line.Text));
        Assert.Equal(6, journal.Lines.Count);
    }

    [Fact]
    public async Task Forgets_the_oldest()
    {
        await using var node = await SwarmServer.StartAsync(joined: false);
        using var journal = new SwarmJournal(node.Service, new ModelSlot(), TimeProvider.System);

        for (var i = 0; i <= SwarmJournal.MaxLines; i++)
        {
            journal.Add($"{i}");
        }

        Assert.Equal((SwarmJournal.MaxLines, "1"), (journal.Lines.Count, journal.Lines[^1].Text));
    }
}
