using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Overlays;

namespace ManagedSwarm.Tests.Transport.Membership.Overlays;

/// <summary>With whom nodes keep sessions.</summary>
public sealed class OverlayTests
{
    private static readonly OverlayOptions Options = new();

    [Theory]
    [InlineData(2)]
    [InlineData(24)]
    public void In_a_small_swarm_each_has_a_session_with_each(int nodes)
    {
        var members = Members(nodes);
        Assert.All(members, member => Assert.Equal(nodes - 1, Choose(member, members).Count));
    }

    [Theory]
    [InlineData(25)]
    [InlineData(100)]
    [InlineData(1000)]
    public void In_a_large_one_it_has_few_and_all_hang_together(int nodes)
    {
        var members = Members(nodes);
        var sessions = members.ToDictionary(member => member, _ => new HashSet<Contact>());
        foreach (var member in members)
        {
            foreach (var other in Choose(member, members))
            {
                sessions[member].Add(other);
                sessions[other].Add(member);
            }
        }

        var most = (2 * Options.RingNeighbours) + Options.RandomNeighbours;
        Assert.All(members, member => Assert.InRange(Choose(member, members).Count, most - (2 * Options.RingNeighbours), most));
        Assert.InRange(sessions.Values.Max(peers => peers.Count), most, 3 * most);
        Assert.Equal(nodes, Reach(members[0], sessions));
    }

    [Fact]
    public void One_that_goes_changes_little()
    {
        var members = Members(200);
        var before = members.ToDictionary(member => member, member => Choose(member, members).ToHashSet());
        members[17].State = MemberState.Lost;
        var changed = members.Where(member => member != members[17]).Sum(member => Choose(member, members).Count(other => !before[member].Contains(other)));
        Assert.InRange(changed, 1, 40);
    }

    [Fact]
    public void Lost_ones_and_those_that_have_left_are_not_chosen_and_few_strangers_are()
    {
        var members = Members(60);
        foreach (var (i, member) in members.Index())
        {
            member.State = i < 10 ? MemberState.Lost : i < 20 ? MemberState.Left : MemberState.Alive;
            member.IsMember = i < 50;
            member.Session = i < 50 ? null : new SessionState(TimeSpan.Zero);
        }

        var chosen = Choose(members[30], members);
        Assert.DoesNotContain(chosen, member => member.State is not MemberState.Alive);
        Assert.Equal(Options.Strangers, chosen.Count(member => !member.IsMember));
    }

    private static List<Contact> Members(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
            new Contact(PeerId.FromPublicKeyMessage([8, 1, 18, 32, .. SHA256.HashData(BitConverter.GetBytes(i))])) { IsMember = true }),
    ];

    private static IReadOnlySet<Contact> Choose(Contact self, List<Contact> members)
    {
        var overlay = new Overlay(self.Key, Options);
        overlay.Choose([.. members.Where(member => member != self)]);
        return overlay.Chosen;
    }

    private static int Reach(Contact from, Dictionary<Contact, HashSet<Contact>> sessions)
    {
        var seen = new HashSet<Contact> { from };
        for (var queue = new Queue<Contact>([from]); queue.TryDequeue(out var next);)
        {
            foreach (var peer in sessions[next].Where(seen.Add))
            {
                queue.Enqueue(peer);
            }
        }

        return seen.Count;
    }
}
