using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// A scheduler whose stages lose everything and go on: each reply is the one that it is when nothing happens, no stage is ever asked for what
/// it does not know or has no room for, and nothing stays reserved.
/// </summary>
public sealed class SchedulerRestartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loss_at_any_step_changes_no_reply(bool hasPrefixCache)
    {
        var losses = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var steps = Run(seed, hasPrefixCache, _ => false).Steps;
            for (var lost = 1; lost <= steps; lost++)
            {
                losses += Run(seed, hasPrefixCache, step => step == lost).Losses;
            }
        }

        Assert.True(losses > 1_000, $"{losses} losses");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_often_all_is_lost_the_replies_are_the_same(bool hasPrefixCache)
    {
        var (losses, restarted, fromOthers, answered) = (0, 0, 0, 0);
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var next = 1;
            var life = Run(seed, hasPrefixCache, step => step == next && (next += 1 + (random.Next(3) * random.Next(40))) > 0, requests: 40);
            losses += life.Losses;
            restarted += life.Restarted;
            fromOthers += life.LedByOthers;
            answered += life.Answered;
        }

        Assert.True(losses > 2_000 && restarted > 2_000, $"{losses} losses, {restarted} replies were computed again");
        Assert.True(fromOthers > 50, $"{fromOthers} prompts were computed again by another choice than the first");
        Assert.True(answered > 5_000, $"{answered} requests were answered");
    }

    [Fact]
    public void A_request_is_given_up_that_comes_no_further()
    {
        var scheduler = new Scheduler(ToyGenerator.DefaultOptions);
        var group = new SequenceGroup([1, 2, 3], maxTokens: 9, choices: 2);
        scheduler.Submit(group);
        Step(scheduler, group);
        for (var round = 0; round < 2; round++)
        {
            for (var restart = 0; restart < Scheduler.MaxRestarts; restart++)
            {
                Assert.Empty(scheduler.Restart(scheduler.Plan()!));
            }

            Step(scheduler, group);
        }

        for (var restart = 0; restart < Scheduler.MaxRestarts; restart++)
        {
            Assert.Empty(scheduler.Restart(scheduler.Plan()!));
        }

        Assert.Equal([group], scheduler.Restart(scheduler.Plan()!));
        Assert.True(group.IsOver);
        Assert.Equal((0, 0, 0), (scheduler.ActiveCount, scheduler.WaitingCount, scheduler.KvUsage));
    }

    [Fact]
    public void Requests_that_share_a_prefix_have_room_one_behind_the_other()
    {
        // Twelve blocks: the prompt's eight, and one for each of three; without sharing, nine each.
        var scheduler = new Scheduler(ToyGenerator.DefaultOptions with { CapacityTokens = 48, BlockLength = 4, TokensPerStep = 64 });
        int[] prompt = [.. Enumerable.Range(2, 33)];
        var groups = Enumerable.Range(0, 3).Select(_ => new SequenceGroup(prompt, maxTokens: 3, choices: 1)).ToList();
        groups.ForEach(scheduler.Submit);
        while (groups.Exists(group => group.Sequences[0].Length < 34))
        {
            Step(scheduler, [.. groups]);
        }

        Assert.Equal((3, 0), (scheduler.ActiveCount, scheduler.WaitingCount));
        scheduler.Restart(scheduler.Plan()!);
        Step(scheduler, [.. groups]);
        Assert.Equal((1, 2), (scheduler.ActiveCount, scheduler.WaitingCount));
        Step(scheduler, [.. groups]);
        Assert.Equal((3, 0), (scheduler.ActiveCount, scheduler.WaitingCount));
        Assert.InRange(scheduler.KvUsage, 0, 1);
    }

    private static void Step(Scheduler scheduler, params SequenceGroup[] groups)
    {
        var plan = scheduler.Plan()!;
        foreach (var sequence in plan.Rows.SelectMany(row => row.Readers.ToArray()))
        {
            Assert.Contains(sequence.Group, groups);
            sequence.Append(7);
        }
    }

    private static RestartLife Run(int seed, bool hasPrefixCache, Func<int, bool> isLost, int requests = 4)
    {
        var life = new RestartLife(seed, hasPrefixCache, isLost);
        life.Run(requests);
        return life;
    }
}
