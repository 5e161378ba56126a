using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class SchedulerTests
{
    private static readonly GeneratorOptions Options = new()
    {
        HiddenSize = 1,
        ContextLength = 64,
        CapacityTokens = 64,
        BlockLength = 4,
        TokensPerStep = 8,
        QueueLength = 2,
        MaxSequences = 4,

        // These tests are about what goes on without it, to the last operation; see SchedulerPrefixTests.
        PrefixCache = false,
    };

    [Fact]
    public void Plans_nothing_where_there_is_nothing_to_do() => Assert.Null(new Scheduler(Options).Plan());

    [Fact]
    public void Computes_a_prompt_in_chunks_and_samples_behind_the_last()
    {
        var scheduler = new Scheduler(Options);
        var group = Group(prompt: 20, maxTokens: 2);
        scheduler.Submit(group);

        var first = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Open(1, 22)], first.Operations);
        Assert.Equal([new Segment(1, 0, 8)], first.Segments);
        Assert.Equal(Enumerable.Range(0, 8), first.Tokens);
        Assert.Empty(first.Rows);

        var second = scheduler.Plan()!;
        Assert.Empty(second.Operations);
        Assert.Equal([new Segment(1, 8, 8)], second.Segments);

        var third = scheduler.Plan()!;
        Assert.Equal([new Segment(1, 16, 4)], third.Segments);
        Assert.Equal(3, Assert.Single(third.Rows).Index);
        Assert.Equal(group.Sequences.ToArray(), third.Rows[0].Readers.ToArray());

        group.Sequences[0].Append(77);
        var fourth = scheduler.Plan()!;
        Assert.Equal([new Segment(1, 20, 1)], fourth.Segments);
        Assert.Equal([77], fourth.Tokens);

        scheduler.Finish(group.Sequences[0]);
        var last = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Close(1)], last.Operations);
        Assert.Empty(last.Segments);
        Assert.Null(scheduler.Plan());
        Assert.Equal(0, scheduler.KvUsage);
    }

    [Fact]
    public void Replies_go_on_before_prompts_and_prompts_share_the_rest()
    {
        var scheduler = new Scheduler(Options);
        var (a, b, c) = (Group(3, 5), Group(12, 5), Group(6, 5));
        scheduler.Submit(a);
        scheduler.Plan();
        a.Sequences[0].Append(1);
        scheduler.Submit(b);
        scheduler.Submit(c);

        Assert.Equal([new Segment(1, 3, 1), new Segment(2, 0, 4), new Segment(3, 0, 3)], scheduler.Plan()!.Segments);
        a.Sequences[0].Append(1);
        var next = scheduler.Plan()!;
        Assert.Equal([new Segment(1, 4, 1), new Segment(2, 4, 4), new Segment(3, 3, 3)], next.Segments);
        Assert.Equal([0, 7], next.Rows.Select(row => row.Index));
    }

    [Fact]
    public void Computes_the_prompt_of_several_choices_once_and_forks_it()
    {
        var scheduler = new Scheduler(Options);
        var group = Group(6, 4, choices: 3);
        scheduler.Submit(group);

        var prompt = scheduler.Plan()!;
        Assert.Equal([new Segment(1, 0, 6)], prompt.Segments);
        Assert.Equal(group.Sequences.ToArray(), Assert.Single(prompt.Rows).Readers.ToArray());
        foreach (var sequence in group.Sequences)
        {
            sequence.Append(100 + sequence.Choice);
        }

        var forked = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Fork(2, 1, 6, 10), SequenceOperation.Fork(3, 1, 6, 10)], forked.Operations);
        Assert.Equal([new Segment(1, 6, 1), new Segment(2, 6, 1), new Segment(3, 6, 1)], forked.Segments);
        Assert.Equal([100, 101, 102], forked.Tokens);
    }

    [Fact]
    public void Forks_from_a_sequence_that_is_over_before_it_is_closed()
    {
        var scheduler = new Scheduler(Options);
        var group = Group(6, 4, choices: 3);
        scheduler.Submit(group);
        scheduler.Plan();
        scheduler.Finish(group.Sequences[0]);
        scheduler.Finish(group.Sequences[1]);
        group.Sequences[2].Append(5);

        var plan = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Fork(2, 1, 6, 10), SequenceOperation.Close(1)], plan.Operations);
        Assert.Equal([new Segment(2, 6, 1)], plan.Segments);
    }

    [Fact]
    public void Reserves_prompt_and_reply_and_frees_both()
    {
        // 16 blocks: a takes 4, b the shared 2 and 3 for each of its 3 choices.
        var scheduler = new Scheduler(Options);
        var (a, b) = (Group(10, 6), Group(9, 9, choices: 3));
        scheduler.Submit(a);
        Assert.Equal(4 / 16.0, scheduler.KvUsage);
        scheduler.Submit(b);
        Assert.Equal(15 / 16.0, scheduler.KvUsage);
        scheduler.Finish(b.Sequences[0]);
        Assert.Equal(12 / 16.0, scheduler.KvUsage);
        scheduler.Cancel(a);
        Assert.Equal(8 / 16.0, scheduler.KvUsage);
        scheduler.Cancel(b);
        scheduler.Cancel(b);
        Assert.Equal(0, scheduler.KvUsage);
        Assert.Equal(0, scheduler.ActiveCount);
    }

    [Fact]
    public void Nobody_overtakes_a_request_that_waits_for_room()
    {
        var scheduler = new Scheduler(Options);
        var (running, large, small) = (Group(30, 10), Group(30, 10), Group(2, 2));
        scheduler.Submit(running);
        scheduler.Submit(large);
        scheduler.Submit(small);
        Assert.Equal(2, scheduler.WaitingCount);
        Assert.Equal([new Segment(1, 0, 8)], scheduler.Plan()!.Segments);

        scheduler.Cancel(running);
        var plan = scheduler.Plan()!;
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Open(2, 40), SequenceOperation.Open(3, 4)], plan.Operations);
        Assert.Equal(0, scheduler.WaitingCount);
        Assert.Equal(SequenceState.Prompt, small.Sequences[0].State);
    }

    [Fact]
    public void Refuses_one_more_than_may_wait()
    {
        var scheduler = new Scheduler(Options);
        scheduler.Submit(Group(40, 20));
        var waiting = Group(40, 20);
        scheduler.Submit(waiting);
        scheduler.Submit(Group(1, 1));
        Assert.Equal("queue_full", Assert.Throws<EngineException>(() => scheduler.Submit(Group(1, 1))).Code);

        // The small one that waited takes the last block.
        scheduler.Cancel(waiting);
        scheduler.Submit(Group(1, 1));
        Assert.Equal((2, 1), (scheduler.ActiveCount, scheduler.WaitingCount));
    }

    [Fact]
    public void Without_a_queue_a_request_still_runs_where_there_is_room()
    {
        var scheduler = new Scheduler(Options with { QueueLength = 0 });
        scheduler.Submit(Group(40, 20));
        Assert.Equal("queue_full", Assert.Throws<EngineException>(() => scheduler.Submit(Group(40, 20))).Code);
    }

    [Fact]
    public void Refuses_what_can_never_run()
    {
        var error = Assert.Throws<EngineException>(() => new Scheduler(Options).Submit(Group(10, 20, choices: 4)));
        Assert.Equal("capacity_exceeded", error.Code);
    }

    [Fact]
    public void No_more_sequences_than_allowed_run_at_once()
    {
        var scheduler = new Scheduler(Options);
        scheduler.Submit(Group(2, 2, choices: 3));
        scheduler.Submit(Group(2, 2, choices: 2));
        Assert.Equal((3, 1), (scheduler.ActiveCount, scheduler.WaitingCount));
    }

    [Fact]
    public void A_failed_step_ends_all_in_flight_and_closes_them_and_what_it_was_to_close()
    {
        var scheduler = new Scheduler(Options);
        var (gone, a, b, waiting) = (Group(4, 1), Group(4, 4), Group(2, 2), Group(30, 30));
        scheduler.Submit(gone);
        scheduler.Plan();
        scheduler.Finish(gone.Sequences[0]);
        scheduler.Submit(a);
        scheduler.Submit(b);
        scheduler.Submit(waiting);

        Assert.Equal([a, b], scheduler.Fail(scheduler.Plan()!));
        Assert.True(a.IsOver && b.IsOver);
        var plan = scheduler.Plan()!;
        Assert.Equal([.. new[] { 1, 2, 3 }.Select(id => SequenceOperation.Close(id)), SequenceOperation.Open(4, 60)], plan.Operations);
        Assert.Equal([new Segment(4, 0, 8)], plan.Segments);
    }

    [Fact]
    public void A_failed_step_leaves_those_alone_that_it_did_not_concern()
    {
        var scheduler = new Scheduler(Options);
        scheduler.Submit(Group(2, 2));
        var plan = scheduler.Plan()!;
        var late = Group(3, 3);
        scheduler.Submit(late);
        Assert.DoesNotContain(late, scheduler.Fail(plan));
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Open(2, 6)], scheduler.Plan()!.Operations);
    }

    [Fact]
    public void Closing_that_fails_waits_for_the_next_request()
    {
        var scheduler = new Scheduler(Options);
        scheduler.Submit(Group(2, 2));
        scheduler.Fail(scheduler.Plan()!);
        var closing = scheduler.Plan()!;
        Assert.Empty(scheduler.Fail(closing));
        Assert.Null(scheduler.Plan());
        scheduler.Submit(Group(2, 2));
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Open(2, 4)], scheduler.Plan()!.Operations);
    }

    [Fact]
    public void The_same_calls_give_the_same_plans()
    {
        Assert.Equal(Story(3), Story(3));
        Assert.NotEqual(Story(3), Story(4));

        static List<string> Story(int seed)
        {
            var random = new Random(seed);
            var scheduler = new Scheduler(Options with { CapacityTokens = 300, QueueLength = 1_000, MaxSequences = 8 });
            var plans = new List<string>();
            var groups = new List<SequenceGroup>();
            for (var i = 0; i < 300; i++)
            {
                if (random.Next(4) == 0)
                {
                    groups.Add(Group(1 + random.Next(20), 1 + random.Next(20), 1 + random.Next(3)));
                    scheduler.Submit(groups[^1]);
                }

                if (scheduler.Plan() is { } plan)
                {
                    Assert.InRange(plan.Tokens.Count, 0, Options.TokensPerStep);
                    plans.Add($"{string.Join(' ', plan.Operations)} | {string.Join(' ', plan.Segments)}");
                    foreach (var sequence in plan.Rows.SelectMany(row => row.Readers.ToArray()))
                    {
                        if (random.Next(8) == 0 || sequence.Length + 1 == sequence.Group.Capacity)
                        {
                            scheduler.Finish(sequence);
                        }
                        else
                        {
                            sequence.Append(random.Next(100));
                        }
                    }
                }

                if (random.Next(20) == 0 && groups.Count > 0)
                {
                    scheduler.Cancel(groups[random.Next(groups.Count)]);
                }
            }

            return plans;
        }
    }

    private static SequenceGroup Group(int prompt, int maxTokens, int choices = 1) =>
        new([.. Enumerable.Range(0, prompt)], maxTokens, choices);
}
