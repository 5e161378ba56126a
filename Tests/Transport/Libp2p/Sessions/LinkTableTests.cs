using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

public sealed class LinkTableTests
{
    private static readonly TimeSpan DialTime = TimeSpan.FromSeconds(15);
    private static readonly PeerId Lesser = FakeLink.Peer(1);
    private static readonly PeerId Greater = FakeLink.Peer(2);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Of_two_dials_at_once_that_of_the_lesser_id_stays(bool isLesser, bool ownIsFirst)
    {
        var (self, other) = isLesser ? (Lesser, Greater) : (Greater, Lesser);
        var table = NewTable(self);
        var (own, theirs) = (new FakeLink(other, isDialer: true), new FakeLink(other, isDialer: false));
        var (first, second) = ownIsFirst ? (own, theirs) : (theirs, own);
        Assert.True(table.Add(first).IsNew);
        var addition = table.Add(second);

        Assert.False(addition.IsNew);
        Assert.Same(isLesser ? own : theirs, addition.Group!.Main);
        Assert.Same(isLesser ? theirs : own, addition.Spare);
    }

    /// <summary>Both sides see four events, in any order that a network allows: a dialer's handshake ends before the listener's.</summary>
    [Fact]
    public void Both_sides_of_dials_at_once_keep_the_same_connection_in_any_order_of_events()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var (a, b) = (NewTable(Lesser), NewTable(Greater));
            (FakeLink AtA, FakeLink AtB)[] pairs = [(new(Greater, true), new(Lesser, false)), (new(Greater, false), new(Lesser, true))];
            var spares = new List<FakeLink>();
            Action AddTo(LinkTable<FakeLink> table, FakeLink link) => () => Keep(table.Add(link).Spare);
            void Keep(FakeLink? spare)
            {
                if (spare is { IsDialer: true })
                {
                    spares.Add(spare);
                }
            }

            RunInterleaved(random, [AddTo(a, pairs[0].AtA), AddTo(b, pairs[0].AtB)], [AddTo(b, pairs[1].AtB), AddTo(a, pairs[1].AtA)]);

            var spare = Assert.Single(spares);
            var (atA, atB) = pairs.Single(pair => pair.AtA == spare || pair.AtB == spare);
            RunInterleaved(random, [() => a.Remove(a.Find(Greater)!, atA)], [() => b.Remove(b.Find(Lesser)!, atB)]);
            Assert.Contains((Assert.Single(a.Find(Greater)!.Links), Assert.Single(b.Find(Lesser)!.Links)), pairs);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_connections_of_one_dialer_the_later_one_stays(bool isDialer)
    {
        var table = NewTable(Lesser);
        var (first, second) = (new FakeLink(Greater, isDialer), new FakeLink(Greater, isDialer));
        table.Add(first);
        var addition = table.Add(second);

        Assert.Same(second, addition.Group!.Main);
        Assert.Same(first, addition.Spare);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_dials_long_after_the_connection_came_has_lost_it(bool isLesser)
    {
        var (self, other) = isLesser ? (Lesser, Greater) : (Greater, Lesser);
        var table = NewTable(self);
        table.Add(new FakeLink(other, isDialer: true));
        _time.Advance(DialTime + TimeSpan.FromTicks(1));
        var later = new FakeLink(other, isDialer: false);

        Assert.Same(later, table.Add(later).Group!.Main);
    }

    [Fact]
    public void A_connection_that_ends_makes_room_for_the_one_that_is_left()
    {
        var table = NewTable(Lesser);
        var (first, second) = (new FakeLink(Greater, isDialer: true), new FakeLink(Greater, isDialer: false));
        var group = table.Add(first).Group!;
        table.Add(second);
        Assert.Same(first, group.Main);

        Assert.False(table.Remove(group, first));
        Assert.Same(second, group.Main);
        Assert.True(table.Remove(group, second));
        Assert.Null(table.Find(Greater));
        Assert.Empty(table.Groups);
    }

    [Fact]
    public void A_connection_that_is_ending_counts_for_nothing()
    {
        var table = NewTable(Lesser);
        var first = new FakeLink(Greater, isDialer: true);
        var old = table.Add(first).Group!;
        first.IsOpen = false;
        Assert.Null(table.Find(Greater));

        var addition = table.Add(new FakeLink(Greater, isDialer: false));
        Assert.True(addition.IsNew);
        Assert.True(table.Remove(old, first));
        Assert.Same(addition.Group, table.Find(Greater));
    }

    [Fact]
    public void Refuses_a_fifth_connection_with_one_peer()
    {
        var table = NewTable(Lesser);
        for (var i = 0; i < LinkTable<FakeLink>.MaxLinks; i++)
        {
            Assert.NotNull(table.Add(new FakeLink(Greater, isDialer: false)).Group);
        }

        Assert.Null(table.Add(new FakeLink(Greater, isDialer: false)).Group);
        Assert.NotNull(table.Add(new FakeLink(FakeLink.Peer(3), isDialer: false)).Group);
    }

    private static void RunInterleaved(Random random, Action[] first, Action[] second)
    {
        Queue<Action>[] queues = [new(first), new(second)];
        while (queues.Any(queue => queue.Count > 0))
        {
            var queue = queues[random.Next(queues.Length)];
            if (queue.TryDequeue(out var action))
            {
                action();
            }
        }
    }

    private LinkTable<FakeLink> NewTable(PeerId self) => new(self, DialTime, _time);
}
