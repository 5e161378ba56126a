using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Tests.Server.Federation.Policies;

public sealed class SimplePolicyTests
{
    private static readonly RouteRequest Request = Candidates.Request(0, 0, 0);

    [Fact]
    public void Least_busy_gives_equals_their_turns()
    {
        var (policy, candidates) = (new LeastBusyPolicy(), Candidates.Idle(4));
        var turns = new List<string>();
        for (var turn = 1; turn <= 12; turn++)
        {
            var chosen = policy.Choose(Request, candidates)!;
            turns.Add(chosen.Name);
            candidates[candidates.IndexOf(chosen)] = chosen with { LastTurn = turn };
        }

        Assert.All(Enumerable.Range(0, 3), round => Assert.Equal(["n0", "n1", "n2", "n3"], turns.Slice(round * 4, 4).Order()));
    }

    [Fact]
    public void Least_busy_shares_a_burst_by_speed()
    {
        var (policy, candidates) = (new LeastBusyPolicy(), Candidates.Idle(4));
        double[] speeds = [1, 1, 2, 4];
        candidates = [.. candidates.Zip(speeds, (candidate, speed) => candidate with { Weight = speed / 2 })];
        for (var turn = 1; turn <= 80; turn++)
        {
            var chosen = policy.Choose(Request, candidates)!;
            candidates[candidates.IndexOf(chosen)] = chosen with { Load = chosen.Load + 1, LastTurn = turn };
        }

        Assert.Equal([10, 10, 20, 40], candidates.Select(candidate => candidate.Load));
    }

    [Fact]
    public void Random_chooses_all_alike()
    {
        var (policy, candidates) = (new RandomPolicy(new Random(7)), Candidates.Idle(4));
        var counts = Enumerable.Range(0, 4000).CountBy(_ => policy.Choose(Request, candidates)!.Name);
        Assert.All(counts, count => Assert.InRange(count.Value, 900, 1100));
    }

    [Fact]
    public void Target_is_found_by_id_or_by_a_name_that_is_its_own()
    {
        var candidates = Candidates.Idle(3);
        candidates[2] = candidates[2] with { Name = "n1" };
        Assert.Equal(candidates[1], new TargetPolicy(candidates[1].Id.ToString()).Choose(Request, candidates));
        Assert.Equal(candidates[0], new TargetPolicy("n0").Choose(Request, candidates));
        Assert.Null(new TargetPolicy("n1").Choose(Request, candidates));
        Assert.Null(new TargetPolicy("n9").Choose(Request, candidates));
    }

    [Fact]
    public void Sessions_stay_where_they_are_and_move_only_when_that_one_goes()
    {
        var (policy, candidates) = (new StickyPolicy(new RandomPolicy(new Random(1))), Candidates.Idle(4));
        var before = Enumerable.Range(0, 200).ToDictionary(session => session, session => Of(session, candidates));
        Assert.All(before, one => Assert.Equal(one.Value, Of(one.Key, candidates)));
        Assert.Equal(4, before.Values.Distinct().Count());

        var gone = candidates[1];
        var left = candidates.Where(candidate => candidate != gone).ToList();

        Assert.All(before, one => Assert.True(one.Value == gone || Of(one.Key, left) == one.Value));

        Candidate Of(int session, List<Candidate> all) => policy.Choose(Request with { Session = StableHash.Mix((ulong)session + 1) }, all)!;
    }
}
