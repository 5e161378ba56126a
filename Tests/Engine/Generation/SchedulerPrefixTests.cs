using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>What the stages are told of prefixes that are kept, found and evicted, to the last operation.</summary>
public sealed class SchedulerPrefixTests
{
    private const int BlockLength = 4;

    private static readonly GeneratorOptions Options = new()
    {
        HiddenSize = 1,
        ContextLength = 64,
        CapacityTokens = 64,
        BlockLength = BlockLength,
        TokensPerStep = 16,
        QueueLength = 20,
        MaxSequences = 8,
    };

    [Fact]
    public void Keeps_a_prompt_and_its_reply_and_forks_who_goes_on_from_there()
    {
        var scheduler = new Scheduler(Options);
        var first = Submit(scheduler, Count(10), 5);
        Assert.Equal([SequenceOperation.Open(1, 15)], scheduler.Plan()!.Operations);
        first.Sequences[0].Append(10);

        // Two full blocks of the prompt are computed: from now on, others may begin with them.
        Assert.Equal([SequenceOperation.Fork(2, 1, 8, 8)], scheduler.Plan()!.Operations);
        foreach (var token in (int[])[11, 12])
        {
            first.Sequences[0].Append(token);
            scheduler.Plan();
        }

        // All but the last token are computed: 13 of 14, which is three full blocks.
        scheduler.Finish(first.Sequences[0]);
        var kept = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Fork(3, 1, 12, 12), SequenceOperation.Close(2), SequenceOperation.Close(1)], kept.Operations);
        Assert.Empty(kept.Segments);
        Assert.Equal((0, 3 / 16.0), (scheduler.KvUsage, scheduler.IdleUsage));

        var next = Submit(scheduler, Count(15), 5);
        Assert.Equal((5 / 16.0, 0), (scheduler.KvUsage, scheduler.IdleUsage));
        var plan = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Fork(4, 3, 12, 20)], plan.Operations);
        Assert.Equal([new Segment(4, 12, 3)], plan.Segments);
        Assert.Equal([12, 13, 14], plan.Tokens);
        Assert.Equal(12, next.CachedTokens);
        Assert.Equal(0, first.CachedTokens);
    }

    [Theory]
    [InlineData(12, 8)]
    [InlineData(13, 12)]
    [InlineData(4, 0)]
    [InlineData(1, 0)]
    public void Always_computes_the_last_token_of_a_prompt(int length, int cached)
    {
        var scheduler = new Scheduler(Options);
        Run(scheduler, Submit(scheduler, Count(20), 1));
        var again = Submit(scheduler, Count(length), 1);
        var plan = scheduler.Plan()!;
        Assert.Equal(new Segment(4, cached, length - cached), Assert.Single(plan.Segments));
        Assert.Equal(again.Sequences.ToArray(), Assert.Single(plan.Rows).Readers.ToArray());
        Assert.Equal(cached, again.CachedTokens);
    }

    [Fact]
    public void Finds_no_block_behind_another_beginning()
    {
        var scheduler = new Scheduler(Options);
        Run(scheduler, Submit(scheduler, Count(12), 1));
        var other = Submit(scheduler, [99, .. Count(12)[1..]], 1);
        Assert.Equal([new Segment(3, 0, 12)], scheduler.Plan()!.Segments);
        Assert.Equal(0, other.CachedTokens);
    }

    [Fact]
    public void Two_prompts_that_begin_alike_at_the_same_time_compute_it_once()
    {
        var scheduler = new Scheduler(Options);
        var (first, second) = (Submit(scheduler, [.. Count(24), 50], 2), Submit(scheduler, [.. Count(24), 60, 61], 2));
        Assert.Equal([new Segment(1, 0, 16)], scheduler.Plan()!.Segments);

        // The second waits on while the first computes what it needs next.
        Assert.Equal([new Segment(1, 16, 9)], scheduler.Plan()!.Segments);
        first.Sequences[0].Append(7);
        var plan = scheduler.Plan()!;
        Assert.Equal([new Segment(1, 25, 1), new Segment(4, 24, 2)], plan.Segments);
        Assert.Equal([SequenceOperation.Fork(3, 1, 24, 24), SequenceOperation.Close(2), SequenceOperation.Fork(4, 3, 24, 28)], plan.Operations);
        Assert.Equal((0, 24), (first.CachedTokens, second.CachedTokens));

        // 7 blocks each; the six that they share count once.
        Assert.Equal(8 / 16.0, scheduler.KvUsage);
    }

    [Fact]
    public void A_prompt_whose_leader_is_cancelled_goes_on_from_where_it_was()
    {
        var scheduler = new Scheduler(Options);
        var (first, second) = (Submit(scheduler, [.. Count(24), 50], 2), Submit(scheduler, [.. Count(24), 60], 2));
        scheduler.Plan();
        scheduler.Cancel(first);
        var plan = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Fork(2, 1, 16, 16), SequenceOperation.Close(1), SequenceOperation.Fork(3, 2, 16, 27)], plan.Operations);
        Assert.Equal([new Segment(3, 16, 9)], plan.Segments);
        Assert.Equal(16, second.CachedTokens);
    }

    [Fact]
    public void What_two_have_computed_at_the_same_time_is_kept_once()
    {
        // Both replies are the same, and so are the blocks behind the prompt.
        var scheduler = new Scheduler(Options);
        var group = Submit(scheduler, Count(8), 6, choices: 2);
        Run(scheduler, group);
        Assert.Equal((0, 3 / 16.0), (scheduler.KvUsage, scheduler.IdleUsage));
    }

    [Fact]
    public void Evicts_least_recently_used_blocks_first_and_children_before_parents()
    {
        var scheduler = new Scheduler(Options with { TokensPerStep = 64 });
        var (a, b) = (Count(16), (int[])[.. Count(8), .. Enumerable.Range(30, 16)]);
        Run(scheduler, Submit(scheduler, a, 1));    // 4 blocks, kept by 2
        Run(scheduler, Submit(scheduler, b, 1));    // 2 of them and 4 more, kept by 4
        Run(scheduler, Submit(scheduler, [.. a[..12], 99], 1));    // makes the third of a's blocks young again
        Assert.Equal(8 / 16.0, scheduler.IdleUsage);

        // 13 blocks: five must go, and b's four are older than a's third, but not than its fourth.
        Submit(scheduler, [.. Enumerable.Range(100, 50)], 2);
        var plan = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Truncate(2, 12), SequenceOperation.Close(4)], plan.Operations[..2]);
        Assert.Equal((13 / 16.0, 3 / 16.0), (scheduler.KvUsage, scheduler.IdleUsage));
    }

    [Fact]
    public void Evicts_for_what_is_computed_and_not_for_what_is_reserved()
    {
        var scheduler = new Scheduler(Options);
        Run(scheduler, Submit(scheduler, Count(40), 1));
        var group = Submit(scheduler, [.. Enumerable.Range(100, 10)], 50);
        scheduler.Plan();
        Assert.Equal((15 / 16.0, 10 / 16.0), (scheduler.KvUsage, scheduler.IdleUsage));
        for (var length = 11; length < 60; length++)
        {
            group.Sequences[0].Append(length);
            scheduler.Plan();
            Assert.Equal(Math.Min(10, 16 - ((length + 3) / 4)), (int)Math.Round(scheduler.IdleUsage * 16));
        }
    }

    [Fact]
    public void A_prefix_in_use_is_never_evicted_and_a_request_waits_rather()
    {
        var scheduler = new Scheduler(Options);
        Run(scheduler, Submit(scheduler, Count(32), 1));
        var user = Submit(scheduler, Count(33), 3);
        Submit(scheduler, [.. Enumerable.Range(100, 30)], 6);
        Assert.Equal((1, 1), (scheduler.ActiveCount, scheduler.WaitingCount));
        Assert.Equal([new Segment(4, 32, 1)], scheduler.Plan()!.Segments);
        scheduler.Cancel(user);
        scheduler.Plan();
        Assert.Equal((1, 0), (scheduler.ActiveCount, scheduler.WaitingCount));
    }

    [Fact]
    public void A_request_that_fits_only_with_its_prefix_is_taken_in()
    {
        var scheduler = new Scheduler(Options);
        Run(scheduler, Submit(scheduler, Count(40), 1));
        Submit(scheduler, [.. Count(40), 50], 7);
        Submit(scheduler, [.. Count(40), 60], 7);
        Assert.Equal((2, 0), (scheduler.ActiveCount, scheduler.WaitingCount));
        Assert.Equal(14 / 16.0, scheduler.KvUsage);
    }

    [Fact]
    public void A_failed_step_closes_all_prefixes_and_whoever_counted_on_one_begins_anew()
    {
        var scheduler = new Scheduler(Options with { MaxSequences = 2 });
        Run(scheduler, Submit(scheduler, Count(40), 1));
        var running = Submit(scheduler, [.. Enumerable.Range(200, 3)], 2);
        var plan = scheduler.Plan()!;
        var fresh = Submit(scheduler, Count(41), 6);
        var waiting = Submit(scheduler, [.. Enumerable.Range(300, 3)], 2);
        Assert.Equal([running], scheduler.Fail(plan));
        Assert.Equal((0, 0), (scheduler.KvUsage, scheduler.IdleUsage));

        var next = scheduler.Plan()!;
        var opened = next.Operations.Where(operation => operation.Kind == SequenceOperationKind.Open).ToList();
        Assert.Equal([47, 5], opened.Select(operation => operation.Capacity));
        Assert.Equal(opened, next.Operations[^2..]);
        Assert.All(next.Operations[..^2], operation => Assert.Equal(SequenceOperationKind.Close, operation.Kind));
        Assert.True(plan.Operations.Select(operation => operation.Sequence).ToHashSet().IsSubsetOf(next.Operations.Select(operation => operation.Sequence)));
        Assert.Equal(0, fresh.CachedTokens);
        Assert.Equal(SequenceState.Prompt, waiting.Sequences[0].State);
    }

    private static int[] Count(int count) => [.. Enumerable.Range(0, count)];

    private static SequenceGroup Submit(Scheduler scheduler, int[] prompt, int maxTokens, int choices = 1)
    {
        var group = new SequenceGroup(prompt, maxTokens, choices);
        scheduler.Submit(group);
        return group;
    }

    /// <summary>Runs a request alone to its end.</summary>
    private static void Run(Scheduler scheduler, SequenceGroup group)
    {
        while (scheduler.Plan() is { } plan)
        {
            foreach (var sequence in plan.Rows.SelectMany(row => row.Readers.ToArray()))
            {
                if (sequence.Length + 1 == group.Capacity)
                {
                    scheduler.Finish(sequence);
                }
                else
                {
                    sequence.Append(1000 + sequence.Length);
                }
            }
        }

        Assert.True(group.IsOver);
    }
}
