using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// Cancellation, full queues, faults and the end. The test holds the gate of each step, so there is nothing to wait for by the clock.
/// </summary>
public sealed class GeneratorLifeTests
{
    /// <summary>Only a step that never comes takes this long: a failure then, and not a test run that hangs.</summary>
    internal const int GuardMilliseconds = 180_000;

    private static readonly GenerationRequest Endless = new()
    {
        Prompt = [5, 6, 7],
        Sampling = new() { Temperature = 0 },
        MaxTokens = 50,
        IgnoreEos = true,
    };

    /// <summary>Without kept prefixes, so that each operation can be foretold.</summary>
    private static readonly GeneratorOptions Plain = ToyGenerator.DefaultOptions with { PrefixCache = false };

    private static readonly GeneratorOptions OneAtATime = Plain with { MaxSequences = 1, QueueLength = 1 };

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory(Timeout = GuardMilliseconds)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Cancelling_closes_the_sequences_with_the_next_step(int choices)
    {
        await using var toy = new ToyGenerator(Plain, isGated: true);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var run = toy.RunAsync(Endless with { Choices = choices }, cancelling.Token);
        (await toy.Stage.NextAsync(TestToken)).Release();
        var running = await toy.Stage.NextAsync(TestToken);
        Assert.Equal(choices, running.Segments.Count);

        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        running.Release();

        var next = await toy.Stage.NextAsync(TestToken);
        Assert.Empty(next.Segments);
        Assert.Equal(running.Segments.Select(segment => SequenceOperation.Close(segment.Sequence)), next.Operations);
        next.Release();
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Cancelling_in_the_middle_of_a_prompt_computes_no_more_of_it()
    {
        await using var toy = new ToyGenerator(Plain, isGated: true);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var run = toy.RunAsync(Endless with { Prompt = [.. Enumerable.Range(2, 30), 2, 3] }, cancelling.Token);
        var chunk = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([new Segment(1, 0, 16)], chunk.Segments);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        chunk.Release();
        var next = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([SequenceOperation.Close(1)], next.Operations);
        Assert.Empty(next.Segments);
        next.Release();
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Ending_the_enumeration_frees_the_request_and_leaves_the_others_alone()
    {
        await using var toy = new ToyGenerator(Plain, isGated: true);
        var other = toy.RunAsync(Endless with { MaxTokens = 4 }, TestToken);
        var events = toy.Generator.GenerateAsync(Endless with { Prompt = [14] }, TestToken).GetAsyncEnumerator(TestToken);
        var next = events.MoveNextAsync();

        // The second may have come too late for the first step, but not for its second.
        (await toy.Stage.NextAsync(TestToken)).Release();
        (await toy.Stage.NextAsync(TestToken)).Release();
        Assert.True(await next);
        await events.DisposeAsync();

        // The third step may have been planned before, but not the fourth; the fifth closes the other.
        var operations = new List<SequenceOperation>();
        for (var i = 3; i <= 5; i++)
        {
            var step = await toy.Stage.NextAsync(TestToken);
            Assert.True(i < 4 || step.Segments.All(segment => segment.Sequence == 1));
            operations.AddRange(step.Operations);
            step.Release();
        }

        Assert.Equal([SequenceOperation.Close(2), SequenceOperation.Close(1)], operations);
        Assert.Equal(ToyGenerator.Expected(Endless with { MaxTokens = 4 }), await other);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task A_cancelled_token_runs_nothing()
    {
        await using var toy = new ToyGenerator();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => toy.RunAsync(Endless, new CancellationToken(canceled: true)));
        Assert.Equal(0, toy.Stage.StepCount);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task One_more_than_may_wait_is_refused_and_those_that_wait_are_served_in_order()
    {
        await using var toy = new ToyGenerator(OneAtATime with { QueueLength = 2 }, isGated: true);
        var requests = Enumerable.Range(0, 3).Select(i => Endless with { Prompt = [10 + i, 3], MaxTokens = 2 }).ToList();
        var runs = requests.ConvertAll(request => toy.RunAsync(request, TestToken));
        var refused = await Assert.ThrowsAsync<EngineException>(() => toy.RunAsync(Endless, TestToken));
        Assert.Equal("queue_full", refused.Code);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);

        for (var sequence = 1; sequence <= 3; sequence++)
        {
            for (var token = 0; token < 2; token++)
            {
                var step = await toy.Stage.NextAsync(TestToken);
                Assert.Equal(sequence, Assert.Single(step.Segments).Sequence);
                step.Release();
            }

            Assert.Equal(ToyGenerator.Expected(requests[sequence - 1]), await runs[sequence - 1]);
        }
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task A_request_that_is_cancelled_while_it_waits_never_runs()
    {
        await using var toy = new ToyGenerator(OneAtATime, isGated: true);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var running = toy.RunAsync(Endless with { MaxTokens = 2 }, TestToken);
        var waiting = toy.RunAsync(Endless, cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var last = toy.RunAsync(Endless with { Prompt = [20], MaxTokens = 1 }, TestToken);
        for (var step = 0; step < 3; step++)
        {
            (await toy.Stage.NextAsync(TestToken)).Release();
        }

        await running;
        Assert.Equal(ToyGenerator.Expected(Endless with { Prompt = [20], MaxTokens = 1 }), await last);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task A_fault_in_a_stage_fails_those_in_flight_and_no_others()
    {
        await using var toy = new ToyGenerator(OneAtATime, isGated: true);
        var failing = toy.RunAsync(Endless, TestToken);
        var waiting = toy.RunAsync(Endless with { MaxTokens = 1 }, TestToken);
        (await toy.Stage.NextAsync(TestToken)).Release();
        (await toy.Stage.NextAsync(TestToken)).Fail(new InvalidOperationException("the cable was pulled"));

        var error = await Assert.ThrowsAsync<EngineException>(() => failing);
        Assert.Equal(("stage_failed", "the cable was pulled"), (error.Code, error.Message));
        var next = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Open(2, 4)], next.Operations);
        next.Release();
        Assert.Equal(ToyGenerator.Expected(Endless with { MaxTokens = 1 }), await waiting);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task A_fault_in_the_first_step_closes_what_was_never_opened()
    {
        await using var toy = new ToyGenerator(OneAtATime, isGated: true);
        var failing = toy.RunAsync(Endless, TestToken);
        (await toy.Stage.NextAsync(TestToken)).Fail(new EngineException("peer_lost", "the peer is gone"));
        Assert.Equal("peer_lost", (await Assert.ThrowsAsync<EngineException>(() => failing)).Code);

        // Not even closing works; the next request tries it again.
        (await toy.Stage.NextAsync(TestToken)).Fail(new EngineException("peer_lost", "the peer is gone"));
        var later = toy.RunAsync(Endless with { MaxTokens = 1 }, TestToken);
        var next = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Open(2, 4)], next.Operations);
        next.Release();
        Assert.Equal(ToyGenerator.Expected(Endless with { MaxTokens = 1 }), await later);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Logits_that_are_no_numbers_fail_their_request_only()
    {
        await using var toy = new ToyGenerator();
        var good = toy.RunAsync(Endless, TestToken);
        var bad = toy.RunAsync(Endless with { Prompt = [5, ToyModel.Poison], Choices = 2 }, TestToken);
        Assert.Equal("invalid_logits", (await Assert.ThrowsAsync<EngineException>(() => bad)).Code);
        Assert.Equal(ToyGenerator.Expected(Endless), await good);
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Disposing_fails_what_runs_and_what_waits_and_what_comes_later()
    {
        var toy = new ToyGenerator(OneAtATime, isGated: true);
        var running = toy.RunAsync(Endless, TestToken);
        var waiting = toy.RunAsync(Endless, TestToken);
        (await toy.Stage.NextAsync(TestToken)).Release();
        await toy.Stage.NextAsync(TestToken);

        // The step at the gate is never let go: disposing cancels it.
        await Task.WhenAll(toy.Generator.DisposeAsync().AsTask(), toy.Generator.DisposeAsync().AsTask());
        foreach (var request in (Task[])[running, waiting, toy.RunAsync(Endless, TestToken)])
        {
            Assert.Equal("shutting_down", (await Assert.ThrowsAsync<EngineException>(() => request)).Code);
        }

        await toy.DisposeAsync();
    }

    [Fact(Timeout = GuardMilliseconds)]
    public async Task Disposing_while_nothing_runs_ends()
    {
        var toy = new ToyGenerator();
        await toy.RunAsync(Endless, TestToken);
        await toy.DisposeAsync();
        await toy.DisposeAsync();
    }
}
