using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>What is planned while earlier steps are in flight.</summary>
public sealed class SchedulerFlightTests
{
    private static readonly GeneratorOptions Options = new()
    {
        HiddenSize = 1,
        ContextLength = 1_000,
        CapacityTokens = 4_000,
        BlockLength = 4,
        TokensPerStep = 64,
        PromptTokensBesideReplies = 4,
        PromptTokensPerStepInFlight = 16,
        QueueLength = 10,
        MaxSequences = 32,
        PrefixCache = false,
    };

    private int _lastToken;

    [Fact]
    public void Cuts_prompts_into_chunks_that_do_not_wait_for_each_other()
    {
        var scheduler = new Scheduler(Options);
        Submit(scheduler, 40);
        for (var step = 0; step < 3; step++)
        {
            Assert.Equal([new Segment(1, 16 * step, Math.Min(16, 40 - (16 * step)))], Plan(scheduler, 4, step)!.Segments);
        }

        // All of it is on its way, and nobody knows what comes behind it.
        Assert.Null(Plan(scheduler, 4, 3));
    }

    [Fact]
    public void One_step_at_a_time_takes_a_prompt_as_large_as_it_can()
    {
        var scheduler = new Scheduler(Options);
        Submit(scheduler, 100);
        Assert.Equal([new Segment(1, 0, 64)], Plan(scheduler, 1, 0)!.Segments);
    }

    [Fact]
    public void A_prompt_whose_last_chunk_is_in_flight_takes_no_share_from_the_others()
    {
        var scheduler = new Scheduler(Options);
        Submit(scheduler, 16);
        Plan(scheduler, 3, 0);
        Submit(scheduler, 60);
        Submit(scheduler, 8);
        Assert.Equal([new Segment(2, 0, 8), new Segment(3, 0, 8)], Plan(scheduler, 3, 1)!.Segments);
    }

    [Fact]
    public void A_reply_goes_on_only_when_its_token_is_known()
    {
        var scheduler = new Scheduler(Options);
        var group = Submit(scheduler, 3);
        Plan(scheduler, 3, 0);
        group.Sequences[0].Append(1);
        Assert.Equal([new Segment(1, 3, 1)], Plan(scheduler, 3, 0)!.Segments);
        Assert.Null(Plan(scheduler, 3, 1));
        group.Sequences[0].Append(1);
        Assert.Equal([new Segment(1, 4, 1)], Plan(scheduler, 3, 0)!.Segments);
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(7, 3)]
    [InlineData(2, 4)]
    [InlineData(16, 4)]
    public void Replies_are_divided_into_groups_of_about_one_size_wherever_they_begin(int replies, int depth)
    {
        var scheduler = new Scheduler(Options);
        for (var i = 0; i < replies; i++)
        {
            Submit(scheduler, 1 + (i * 5 % 23));
        }

        var inFlight = new Queue<StepPlan>();
        var turns = new int[replies + 1];
        for (var step = 0; step < 40 * depth; step++)
        {
            while (inFlight.Count < depth && Plan(scheduler, depth, inFlight.Count) is { } plan)
            {
                inFlight.Enqueue(plan);
            }

            Answer(inFlight.Dequeue(), step > 20 * depth ? turns : null);
            if (step > 20 * depth)
            {
                Assert.All(inFlight, plan => Assert.InRange(plan.Rows.Count, 1, (replies + depth - 1) / depth));
            }
        }

        // Nobody is left behind.
        Assert.InRange(turns[1..].Max() - turns[1..].Min(), 0, 2);
    }

    [Fact]
    public void Those_that_had_to_stay_go_first_the_next_time()
    {
        var scheduler = new Scheduler(Options);
        List<SequenceGroup> groups = [.. Enumerable.Range(0, 5).Select(_ => Submit(scheduler, 1))];
        Plan(scheduler, 2, 0);
        groups.ForEach(group => group.Sequences[0].Append(7));
        var first = Plan(scheduler, 2, 0)!;
        Assert.Equal([1, 2, 3], first.Segments.Select(segment => segment.Sequence));
        Answer(first);
        Assert.Equal([4, 5, 1], Plan(scheduler, 2, 0)!.Segments.Select(segment => segment.Sequence));
    }

    [Fact]
    public void Prompts_leave_room_also_for_replies_that_are_in_other_steps()
    {
        var scheduler = new Scheduler(Options);
        var quick = Submit(scheduler, 2);
        Plan(scheduler, 2, 0);
        quick.Sequences[0].Append(1);
        Plan(scheduler, 2, 0);
        Submit(scheduler, 50);
        Assert.Equal([new Segment(2, 0, 4)], Plan(scheduler, 2, 1)!.Segments);
    }

    [Fact]
    public void All_choices_of_a_prompt_are_forked_at_once_though_they_go_on_in_groups()
    {
        var scheduler = new Scheduler(Options);
        var group = Submit(scheduler, 6, choices: 4);
        Plan(scheduler, 2, 0);
        foreach (var sequence in group.Sequences)
        {
            sequence.Append(9);
        }

        var first = Plan(scheduler, 2, 0)!;
        Assert.Equal([2, 3, 4], first.Operations.Select(operation => operation.Sequence));
        Assert.Equal([new Segment(1, 6, 1), new Segment(2, 6, 1)], first.Segments);
        scheduler.Finish(group.Sequences[0]);
        var second = Plan(scheduler, 2, 1)!;
        Assert.Equal([SequenceOperation.Close(1)], second.Operations);
        Assert.Equal([new Segment(3, 6, 1), new Segment(4, 6, 1)], second.Segments);
    }

    [Fact]
    public void Closing_alone_waits_for_the_steps_in_flight_and_goes_with_the_next_one()
    {
        var scheduler = new Scheduler(Options);
        var (first, second) = (Submit(scheduler, 2), Submit(scheduler, 2));
        Plan(scheduler, 2, 0);
        scheduler.Cancel(first);
        Assert.Null(Plan(scheduler, 2, 1));
        second.Sequences[0].Append(3);
        Assert.Equal([SequenceOperation.Close(1)], Plan(scheduler, 2, 0)!.Operations);
        scheduler.Cancel(second);
        Assert.Null(Plan(scheduler, 2, 1));
        Assert.Equal([SequenceOperation.Close(2)], Plan(scheduler, 2, 0)!.Operations);
    }

    [Fact]
    public void Steps_that_fail_together_close_what_each_of_them_was_to_open_or_close()
    {
        var scheduler = new Scheduler(Options with { PromptTokensPerStepInFlight = 4 });
        var gone = Submit(scheduler, 2);
        var plans = new List<StepPlan> { Plan(scheduler, 4, 0)! };
        var a = Submit(scheduler, 4);
        plans.Add(Plan(scheduler, 4, 1)!);
        scheduler.Cancel(gone);
        var b = Submit(scheduler, 4);
        plans.Add(Plan(scheduler, 4, 2)!);
        var late = Submit(scheduler, 5);

        Assert.Equal([a, b], scheduler.Fail(plans));
        var next = Plan(scheduler, 4, 0)!;
        Assert.Equal([1, 2, 3], next.Operations[..3].Select(operation => operation.Sequence).Order());
        Assert.All(next.Operations[..3], operation => Assert.Equal(SequenceOperationKind.Close, operation.Kind));
        Assert.Equal([SequenceOperation.Open(4, late.Capacity)], next.Operations[3..]);
    }

    [Fact]
    public void A_prompt_begins_with_what_a_step_in_flight_computes_for_another()
    {
        var scheduler = new Scheduler(Options with { PrefixCache = true });
        int[] prefix = [.. Enumerable.Range(0, 16)];
        scheduler.Submit(new SequenceGroup([.. prefix, 20], 5, 1));
        Plan(scheduler, 3, 0);
        var second = new SequenceGroup([.. prefix, 30], 5, 1);
        scheduler.Submit(second);
        var plan = Plan(scheduler, 3, 1)!;
        Assert.Equal([new Segment(1, 16, 1), new Segment(3, 16, 1)], plan.Segments);
        Assert.Equal([SequenceOperation.Fork(2, 1, 16, 16), SequenceOperation.Fork(3, 2, 16, 22)], plan.Operations);
        Assert.Equal(16, second.CachedTokens);
    }

    [Fact]
    public void Planning_steps_of_groups_allocates_nothing()
    {
        var scheduler = new Scheduler(Options);
        for (var i = 0; i < 6; i++)
        {
            Submit(scheduler, 10, maxTokens: 600);
        }

        // The lists of the replies' tokens double at 128 and at 256, between which all is quiet.
        var (plans, before) = ((StepPlan[])[new(), new(), new()], 0L);
        for (var step = 0; step < 3 * 250; step++)
        {
            before = step == 3 * 150 ? GC.GetAllocatedBytesForCurrentThread() : before;
            var plan = plans[step % 3];
            foreach (var row in plan.Rows)
            {
                row.Sequence.Append(5);
            }

            Assert.True(scheduler.TryPlan(plan, 3, Math.Min(step, 2)) || step < 100);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.All(plans, plan => Assert.Equal(2, plan.Segments.Count));
    }

    private static StepPlan? Plan(Scheduler scheduler, int depth, int inFlight)
    {
        var plan = new StepPlan();
        return scheduler.TryPlan(plan, depth, inFlight) ? plan : null;
    }

    private static void Answer(StepPlan plan, int[]? turns = null)
    {
        foreach (var row in plan.Rows)
        {
            row.Sequence.Append(7);
            if (turns is not null)
            {
                turns[row.Sequence.Id]++;
            }
        }
    }

    private SequenceGroup Submit(Scheduler scheduler, int prompt, int choices = 1, int maxTokens = 100)
    {
        // No two begin alike.
        var group = new SequenceGroup([.. Enumerable.Range(0, prompt).Select(_ => _lastToken++)], maxTokens, choices);
        scheduler.Submit(group);
        return group;
    }
}
