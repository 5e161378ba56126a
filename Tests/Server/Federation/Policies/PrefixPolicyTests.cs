using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Tests.Server.Federation.Policies;

public sealed class PrefixPolicyTests
{
    private const int Groups = 40;

    [Fact]
    public void Prompts_that_begin_alike_go_to_the_same_one_and_others_are_spread()
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: true), Candidates.Idle(4));
        var chosen = Send(policy, candidates, from: 0);

        Assert.All(chosen, group => Assert.Single(group.Distinct()));
        Assert.Equal(4, chosen.Select(group => group[0]).Distinct().Count());
    }

    [Fact]
    public void Routers_side_by_side_make_the_same_choice()
    {
        var candidates = Candidates.Idle(4);
        var one = Send(new PrefixPolicy(isGuarded: true), candidates, from: 0).SelectMany(group => group).ToList();
        var other = Send(new PrefixPolicy(isGuarded: true), candidates, from: 100).SelectMany(group => group).ToList();

        var same = one.Zip(other).Count(pair => pair.First == pair.Second);

        Assert.True(same >= 0.9 * one.Count, $"{same} of {one.Count}");
    }

    [Fact]
    public void A_conversation_stays_where_it_was_sent()
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: false), Candidates.Idle(4));
        var begun = Candidates.Request(group: 1, shared: 4, own: 0);
        // Not the one of the common order.
        var place = Rendezvous.Order(begun.Prefix[0], candidates)[3];
        policy.Sent(begun, place);

        Assert.Equal(place, policy.Choose(Candidates.Request(group: 1, shared: 4, own: 3), candidates));
        // Most of it is new: that is no reason for a detour.
        Assert.NotEqual(place, policy.Choose(Candidates.Request(group: 1, shared: 4, own: 9), candidates));
    }

    [Fact]
    public void With_a_guard_it_comes_home_when_its_home_has_room()
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: true), Candidates.Idle(4));
        var request = Candidates.Request(group: 1, shared: 8, own: 1);
        var home = policy.Choose(request, candidates)!;
        var busy = candidates.ConvertAll(candidate => candidate.Id == home.Id ? candidate with { Load = 100 } : candidate);
        var away = policy.Choose(request, busy)!;
        policy.Sent(request, away);

        // Where it is cached, as long as there is none; another router, which knows nothing of that, sends it home, too.
        Assert.Equal(away.Id, policy.Choose(request, busy)!.Id);
        Assert.Equal(home.Id, policy.Choose(request, candidates)!.Id);
    }

    [Fact]
    public void Those_that_have_the_same_cached_share_it()
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: true), Candidates.Idle(4));
        var request = Candidates.Request(group: 1, shared: 8, own: 1);
        var home = policy.Choose(request, candidates)!;
        policy.Sent(request, home);
        var other = candidates.First(candidate => candidate.Id != home.Id);
        Candidate ChooseAt(int load) => policy.Choose(
            request, candidates.ConvertAll(candidate => candidate.Id == home.Id ? candidate with { Load = load } : candidate))!;

        Assert.Equal(home.Id, ChooseAt(load: 8).Id);
        policy.Sent(request, other);
        Assert.Equal(home.Id, ChooseAt(load: 4).Id);
        Assert.Equal(other.Id, ChooseAt(load: 8).Id);
    }

    [Fact]
    public void The_longer_the_cached_beginning_the_longer_it_is_waited_for()
    {
        var candidates = Candidates.Idle(4);
        int MostLoad(int blocks)
        {
            var policy = new PrefixPolicy(isGuarded: true);
            var request = Candidates.Request(group: 1, shared: blocks, own: 0);
            var home = policy.Choose(request, candidates)!;
            policy.Sent(request, home);
            return Enumerable.Range(0, 100).Last(load => policy.Choose(
                request, candidates.ConvertAll(candidate => candidate.Id == home.Id ? candidate with { Load = load } : candidate))!.Id == home.Id);
        }

        Assert.Equal([5, 12, 16], new[] { 1, 8, 100 }.Select(MostLoad));
    }

    [Fact]
    public void Who_is_faster_is_the_home_of_more()
    {
        List<Candidate> candidates = [.. Candidates.Idle(3).Select((candidate, i) => candidate with { Class = 1 << i })];
        var homes = Enumerable.Range(0, 700)
            .CountBy(group => Rendezvous.Order(Candidates.Request(group, 1, 0).Prefix[0], candidates)[0].Name)
            .ToDictionary();

        Assert.Equal([1, 2, 4], new[] { "n0", "n1", "n2" }.Select(name => Math.Round(homes[name] / 100.0)));
        // Sessions stay where they are, whatever becomes of speeds.
        var alike = candidates.ConvertAll(candidate => candidate with { Class = 1 });
        Assert.All(
            Enumerable.Range(0, 20).Select(key => (ulong)key),
            key => Assert.Equal(Rendezvous.FirstOf(key, candidates).Name, Rendezvous.FirstOf(key, alike).Name));
    }

    [Theory]
    [InlineData(9, 1, true)]
    [InlineData(10, 1, false)]
    [InlineData(10, 19, true)]
    public void The_guard_lets_go_of_who_is_too_busy(int load, int othersLoad, bool stays)
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: true), Candidates.Idle(4));
        var request = Candidates.Request(group: 1, shared: 4, own: 1);
        var place = policy.Choose(request, candidates)!;
        policy.Sent(request, place);
        var busy = candidates.ConvertAll(candidate => candidate with { Load = candidate.Id == place.Id ? load + othersLoad : othersLoad });

        Assert.Equal(stays, policy.Choose(request, busy)!.Id == place.Id);
        Assert.Equal(place.Id, new PrefixPolicy(isGuarded: false).Choose(request, busy)!.Id);
    }

    [Fact]
    public void Short_prompts_go_to_the_least_busy()
    {
        var (policy, candidates) = (new PrefixPolicy(isGuarded: false), Candidates.Idle(3));
        candidates = [.. candidates.Select((candidate, i) => candidate with { Load = 3 - i })];
        Assert.Equal("n2", policy.Choose(Candidates.Request(0, 0, 0), candidates)!.Name);
    }

    [Fact]
    public void What_is_remembered_has_a_bound()
    {
        var (memory, peer) = (new PrefixMemory(capacity: 100), Candidates.Idle(1)[0]);
        memory.Add([1], peer);
        memory.Add([.. Enumerable.Range(2, 99).Select(block => (ulong)block)], peer);
        Assert.Equal(1, memory.CountKnown([1], peer));
        memory.Add([.. Enumerable.Range(1000, 100).Select(block => (ulong)block)], peer);
        Assert.Equal((0, 100), (memory.CountKnown([1], peer), memory.CountKnown([.. Enumerable.Range(1000, 100).Select(block => (ulong)block)], peer)));
    }

    /// <summary>Requests of each group in turns; each is over before the next.</summary>
    private static List<List<string>> Send(PrefixPolicy policy, List<Candidate> candidates, int from)
    {
        var chosen = Enumerable.Range(0, Groups).Select(_ => new List<string>()).ToList();
        for (var number = from; number < from + 10; number++)
        {
            for (var group = 0; group < Groups; group++)
            {
                var request = Candidates.Request(group, shared: 8, own: 2, number);
                var place = policy.Choose(request, candidates)!;
                policy.Sent(request, place);
                chosen[group].Add(place.Name);
            }
        }

        return chosen;
    }
}
