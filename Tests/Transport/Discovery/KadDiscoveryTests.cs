using System.Collections.Concurrent;
using System.Threading.Channels;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Tests.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery;

[Trait("Tier", "Loopback")]
public sealed class KadDiscoveryTests
{
    /// <summary>Milliseconds, for a test that waits for what does not happen.</summary>
    private const int Limit = 180_000;

    private const int LookedUp = 3063;
    private const int Discovered = 3065;

    private static readonly SwarmKeys Keys = new(SwarmToken.Generate());

    private static readonly DateTimeOffset Evening = new(2026, 11, 28, 23, 50, 0, TimeSpan.Zero);

    // Time flies in these tests, while others take their time to answer.
    private static readonly KadTimeouts Patient = new() { Request = TimeSpan.FromDays(9), Lookup = TimeSpan.FromDays(9), NextRequest = TimeSpan.FromDays(9) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task Ten_in_a_line_that_know_but_the_next_one_find_each_other()
    {
        const int count = 10;
        List<KadNode> nodes = [];
        for (var i = 0; i < count; i++)
        {
            nodes.Add(await KadNode.StartAsync());
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var options = new KadDiscoveryOptions { FirstInterval = TimeSpan.FromMilliseconds(20), SteadyInterval = TimeSpan.FromMilliseconds(500) };
        var found = nodes.Select(_ => new ConcurrentDictionary<PeerId, DiscoveredPeer>()).ToList();
        var running = nodes.Zip(found, (node, heard) => new KadDiscovery(node.Kad, Keys, options).RunAsync(peer => heard[peer.Id!] = peer, stop.Token));
        var all = Task.WhenAll(running.ToList());
        foreach (var (node, next) in nodes.Zip(nodes.Skip(1)))
        {
            await node.Peer.DialAsync(next.Address, Cancellation);
        }

        await TestPeer.UntilAsync(() => found.All(heard => heard.Count == count - 1));
        foreach (var (node, heard) in nodes.Zip(found))
        {
            Assert.DoesNotContain(node.Id, heard.Keys);
            Assert.All(nodes.Where(other => other != node), other => Assert.Contains(
                other.Address, heard[other.Id].Addresses.Select(address => address.WithPeerId(other.Id))));
            Assert.All(heard.Values, peer => Assert.Equal("dht", peer.Source));
        }

        await stop.CancelAsync();
        await all;
        await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
    }

    [Fact(Timeout = Limit)]
    public async Task One_that_knows_nobody_is_silent()
    {
        var (log, time) = (new TestLog(), new FakeTimeProvider(Evening));
        await using var node = await KadNode.StartAsync(new() { Logger = log, Time = time, Timeouts = Patient });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = RunAsync(node, log, time, _ => { }, stop.Token);
        for (var i = 0; i < 24; i++)
        {
            time.Advance(TimeSpan.FromHours(1));
        }

        await stop.CancelAsync();
        await running;
        Assert.Empty(log.Of(LookedUp));
        Assert.Empty(log.Of(Discovered));
    }

    [Fact(Timeout = Limit)]
    public async Task Asks_often_at_first_and_then_every_ten_minutes()
    {
        var (log, time) = (new TestLog(), new FakeTimeProvider(Evening.AddHours(-20)));
        var options = new KadOptions { Logger = log, Time = time, Timeouts = Patient };
        await using var node = await KadNode.StartAsync(options);
        await using var other = await KadNode.StartAsync(new() { Timeouts = Patient });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await node.MeetAsync(other);
        var clock = new WaitClock(time);
        var running = RunAsync(node, log, clock, _ => { }, stop.Token);
        for (var look = 1; look < 12; look++)
        {
            await clock.PassAsync();
        }

        await TestPeer.UntilAsync(() => log.Of(Discovered).Count == 12);
        var waits = log.Of(Discovered).Select(entry => (double)entry["Seconds"]!);
        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600], waits);

        // A lookup for each of three days and one of the node's own place, each asks the one other node: that is all.
        Assert.InRange(log.Of(LookedUp).Count, 3 * 12, (3 * 13) + 8);
        Assert.All(log.Of(LookedUp), entry => Assert.InRange((int)entry["Requests"]!, 0, 1));
        await stop.CancelAsync();
        await running;
    }

    [Fact(Timeout = Limit)]
    public async Task The_key_changes_with_the_day()
    {
        var (log, time) = (new TestLog(), new FakeTimeProvider(Evening));
        await using var node = await KadNode.StartAsync(new() { Logger = log, Time = time, Timeouts = Patient });
        await using var other = await KadNode.StartAsync(new() { Timeouts = Patient });
        var (today, tomorrow) = (KeyOf(0), KeyOf(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await node.MeetAsync(other);
        var clock = new WaitClock(time);
        var running = RunAsync(node, log, clock, _ => { }, stop.Token);
        await TestPeer.UntilAsync(() => log.Of(Discovered).Count > 0);
        Assert.Equal([node.Id], await FindAsync(other, today));
        for (var look = 1; !(await FindAsync(other, tomorrow)).Any(); look++)
        {
            await clock.PassAsync();
            await TestPeer.UntilAsync(() => log.Of(Discovered).Count > look);
        }

        // Without a midnight it would look after 8 and then after 17 minutes.
        Assert.InRange(time.GetUtcNow(), Evening.AddMinutes(10), Evening.AddMinutes(14));
        await stop.CancelAsync();
        await running;
    }

    [Theory(Timeout = Limit)]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task One_whose_calendar_is_a_day_wrong_is_found_and_finds(int days)
    {
        var (log, time) = (new TestLog(), new FakeTimeProvider(Evening));
        await using var node = await KadNode.StartAsync(new() { Logger = log, Time = time, Timeouts = Patient });
        await using var wrong = await KadNode.StartAsync(new() { Timeouts = Patient });
        var wrongTime = new FakeTimeProvider(Evening.AddDays(days));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await node.MeetAsync(wrong);
        ConcurrentQueue<PeerId> found = [], foundByWrong = [];
        Task[] running =
        [
            RunAsync(node, log, time, peer => found.Enqueue(peer.Id!), stop.Token),
            RunAsync(wrong, new TestLog(), wrongTime, peer => foundByWrong.Enqueue(peer.Id!), stop.Token),
        ];

        while (found.IsEmpty || foundByWrong.IsEmpty)
        {
            // Not faster than the nodes can follow.
            time.Advance(TimeSpan.FromSeconds(1));
            wrongTime.Advance(TimeSpan.FromSeconds(1));
            await FindAsync(wrong, KeyOf(0));
            await FindAsync(node, KeyOf(0));
        }

        Assert.Equal((wrong.Id, node.Id), (found.First(), foundByWrong.First()));
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    private static byte[] KeyOf(int days) => KadDiscovery.KeyOf(Keys, DateOnly.FromDateTime(Evening.UtcDateTime).AddDays(days));

    private static async Task<IEnumerable<PeerId>> FindAsync(KadNode node, byte[] key) =>
        (await node.Kad.FindProvidersAsync(key, Cancellation)).Select(peer => peer.Id);

    private static Task RunAsync(KadNode node, TestLog log, TimeProvider time, Action<DiscoveredPeer> found, CancellationToken cancellationToken) =>
        new KadDiscovery(node.Kad, Keys, new() { Logger = log, Time = time, Jitter = 0 }).RunAsync(found, cancellationToken);

    /// <summary>The clock of a discovery, by which the time of a wait passes when it has begun: so no look is left out.</summary>
    private sealed class WaitClock(FakeTimeProvider time) : TimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = time.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        public async Task PassAsync() => time.Advance(await _waits.Reader.ReadAsync(Cancellation));
    }
}
