using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Who waits for whom, and how long at most: replies, short and long prompts, simulated step by step.</summary>
public sealed class SchedulerFairnessTests
{
    private static readonly GeneratorOptions Options = new()
    {
        HiddenSize = 1,
        ContextLength = 10_000,
        CapacityTokens = 100_000,
        BlockLength = 4,
        TokensPerStep = 64,
        PromptTokensBesideReplies = 8,
        QueueLength = 1_000,
        MaxSequences = 8,
    };

    private int _lastToken;

    [Fact]
    public void Prompts_take_all_of_a_step_where_nobody_replies_and_little_where_somebody_does()
    {
        var scheduler = new Scheduler(Options);
        var quick = Submit(scheduler, 4, 50);
        Assert.Equal(4, scheduler.Plan()!.Tokens.Count);
        quick.Sequences[0].Append(1);
        var slow = Submit(scheduler, 100, 2);
        for (var step = 0; step < 3; step++)
        {
            Assert.Equal([1, 8], scheduler.Plan()!.Segments.Select(segment => segment.TokenCount));
            quick.Sequences[0].Append(1);
        }

        scheduler.Finish(quick.Sequences[0]);
        Assert.Equal(64, scheduler.Plan()!.Segments.Single().TokenCount);
        Assert.Equal(88, slow.Sequences[0].Computed);
    }

    [Fact]
    public void A_short_prompt_does_not_wait_for_a_long_one()
    {
        var scheduler = new Scheduler(Options);
        var huge = Submit(scheduler, 9_000, 2);
        scheduler.Plan();
        var small = Submit(scheduler, 60, 2);
        scheduler.Plan();
        scheduler.Plan();
        Assert.Equal(60, small.Sequences[0].Computed);
        Assert.Equal(64 + 32 + 36, huge.Sequences[0].Computed);
    }

    [Fact]
    public void Prompts_of_one_length_end_one_after_the_other()
    {
        var scheduler = new Scheduler(Options);
        List<SequenceGroup> groups = [.. Enumerable.Range(0, 4).Select(_ => Submit(scheduler, 64, 2))];
        foreach (var group in groups)
        {
            Assert.Equal(64, Assert.Single(scheduler.Plan()!.Segments).TokenCount);
            Assert.Equal(64, group.Sequences[0].Computed);
            scheduler.Finish(group.Sequences[0]);
        }
    }

    /// <summary>However many short prompts come, the oldest has half of each step, and so has whoever is the oldest then.</summary>
    [Fact]
    public void Short_prompts_that_keep_coming_do_not_starve_long_ones()
    {
        var scheduler = new Scheduler(Options with { PromptTokensBesideReplies = 64 });
        var (longest, long2) = (Submit(scheduler, 3_200, 1), Submit(scheduler, 1_600, 1));
        var short_ = 0;
        for (var step = 0; step < 100 + 50 + 2; step++)
        {
            // One token each: so nobody replies, and all that counts is who computes.
            Submit(scheduler, 60, 1);
            Submit(scheduler, 60, 1);
            var plan = scheduler.Plan()!;
            foreach (var row in plan.Rows)
            {
                scheduler.Finish(row.Sequence);
                short_++;
            }

            Assert.Equal(64, plan.Tokens.Count);
            Assert.True(step < 100 || longest.IsOver, $"step {step}");
        }

        Assert.True(long2.IsOver);
        Assert.InRange(short_, 70, 90);
    }

    [Fact]
    public void Small_requests_that_keep_coming_do_not_starve_one_that_waits_for_much_room()
    {
        var scheduler = new Scheduler(Options with { CapacityTokens = 400 });
        var finished = new List<SequenceGroup>();
        for (var i = 0; i < 4; i++)
        {
            Submit(scheduler, 60, 30);
        }

        var large = Submit(scheduler, 300, 90);
        for (var step = 0; step < 200 && large.Sequences[0].State == SequenceState.Waiting; step++)
        {
            Submit(scheduler, 10, 5);
            foreach (var sequence in scheduler.Plan()!.Rows.SelectMany(row => row.Readers.ToArray()))
            {
                if (sequence.Length + 1 == sequence.Group.Capacity)
                {
                    scheduler.Finish(sequence);
                    finished.Add(sequence.Group);
                }
                else
                {
                    sequence.Append(1);
                }
            }
        }

        // Those before it came first, and none of those behind it.
        Assert.Equal(SequenceState.Prompt, large.Sequences[0].State);
        Assert.Equal(4, finished.Count);
    }

    [Fact]
    public void Planning_a_step_of_replies_allocates_nothing()
    {
        var scheduler = new Scheduler(Options with { PromptTokensBesideReplies = 64 });
        for (var i = 0; i < 4; i++)
        {
            Submit(scheduler, 100, 500);
        }

        // The lists of the replies' tokens double at 128 and at 256, between which all is quiet.
        var plan = new StepPlan();
        var before = 0L;
        for (var step = 0; step < 250; step++)
        {
            before = step == 150 ? GC.GetAllocatedBytesForCurrentThread() : before;
            Assert.True(scheduler.TryPlan(plan));
            foreach (var row in plan.Rows)
            {
                row.Sequence.Append(5);
            }
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(4, plan.Segments.Count);
    }

    private SequenceGroup Submit(Scheduler scheduler, int prompt, int maxTokens)
    {
        // No two begin alike.
        var group = new SequenceGroup([.. Enumerable.Range(0, prompt).Select(_ => _lastToken++)], maxTokens, 1);
        scheduler.Submit(group);
        return group;
    }
}
