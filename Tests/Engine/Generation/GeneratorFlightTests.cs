using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Several steps in flight: what is said stays the same, who comes does not wait, and faults and the end leave nothing behind.</summary>
public sealed class GeneratorFlightTests
{
    private static readonly GeneratorOptions Plain = ToyGenerator.DefaultOptions with { PrefixCache = false, PromptTokensPerStepInFlight = 8 };

    private static readonly GenerationRequest Endless = new()
    {
        Prompt = [5, 6, 7],
        Sampling = new() { Temperature = 0 },
        MaxTokens = 50,
        IgnoreEos = true,
    };

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 32)]
    [InlineData(2, 5)]
    [InlineData(3, 32)]
    [InlineData(4, 3)]
    [InlineData(7, 1)]
    public async Task Says_what_the_plain_definition_says_however_many_steps_are_in_flight(int depth, int chunk)
    {
        var options = ToyGenerator.DefaultOptions with { PromptTokensPerStepInFlight = chunk, CapacityTokens = 1_000 };
        var toy = new ToyStage(options.CapacityTokens, options.BlockLength);
        await using var stage = new QueuedStage(toy, depth, seed: depth);
        await using (var generator = new Generator(new ToyModel(), stage, ToyModel.Tokenizer, options))
        {
            for (var round = 0; round < 3; round++)
            {
                var requests = GeneratorTests.Requests.Values.ToList();
                var all = await Task.WhenAll(requests.Select(request => Task.Run(() => RunAsync(generator, request))));
                for (var i = 0; i < requests.Count; i++)
                {
                    Assert.Equal(ToyGenerator.Expected(requests[i]), ToyGenerator.ByChoice(all[i]));
                }
            }
        }

        Assert.Empty(toy.Violations);
        Assert.Equal(depth, stage.MostInFlight);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task A_request_that_comes_while_steps_are_in_flight_begins_at_once()
    {
        await using var toy = Gated(2);
        var first = toy.RunAsync(Endless with { MaxTokens = 2 }, TestToken);
        var step1 = await toy.Stage.NextAsync(TestToken);
        var second = toy.RunAsync(Endless with { Prompt = [14], MaxTokens = 2 }, TestToken);
        var step2 = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([new Segment(1, 0, 3)], step1.Segments);
        Assert.Equal([new Segment(2, 0, 1)], step2.Segments);

        // There are two, and no third: this one waits for the first to be done.
        var third = toy.RunAsync(Endless with { Prompt = [15], MaxTokens = 1 }, TestToken);
        var next = toy.Stage.NextAsync(TestToken);
        Assert.False(next.IsCompleted);
        step1.Release();
        var step3 = await next;
        Assert.Contains(new Segment(1, 3, 1), step3.Segments);
        step2.Release();
        step3.Release();
        await ReleaseAllAsync(toy, first, second, third);
        Assert.Equal(ToyGenerator.Expected(Endless with { MaxTokens = 2 }), await first);
        Assert.Equal(ToyGenerator.Expected(Endless with { Prompt = [14], MaxTokens = 2 }), await second);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task The_chunks_of_a_prompt_follow_each_other_and_do_not_wait()
    {
        await using var toy = Gated(3);
        int[] prompt = [.. Enumerable.Range(2, 30)];
        var run = toy.RunAsync(Endless with { Prompt = prompt, MaxTokens = 1 }, TestToken);
        var steps = new List<ToyStep>();
        for (var i = 0; i < 3; i++)
        {
            steps.Add(await toy.Stage.NextAsync(TestToken));
            Assert.Equal([new Segment(1, 8 * i, 8)], steps[i].Segments);
        }

        steps[0].Release();
        steps.Add(await toy.Stage.NextAsync(TestToken));
        Assert.Equal([new Segment(1, 24, 6)], steps[3].Segments);
        steps[1..].ForEach(step => step.Release());
        await ReleaseAllAsync(toy, run);
        Assert.Equal(ToyGenerator.Expected(Endless with { Prompt = prompt, MaxTokens = 1 }), await run);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task A_cancelled_request_has_its_steps_in_flight_dropped_and_is_closed_behind_them()
    {
        await using var toy = Gated(2);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var run = toy.RunAsync(Endless with { Prompt = [.. Enumerable.Range(2, 30)] }, cancelling.Token);
        var steps = new[] { await toy.Stage.NextAsync(TestToken), await toy.Stage.NextAsync(TestToken) };
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        steps[0].Release();
        steps[1].Release();
        var last = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([SequenceOperation.Close(1)], last.Operations);
        Assert.Empty(last.Segments);
        last.Release();
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task A_fault_fails_all_steps_in_flight_together_and_only_when_all_have_ended()
    {
        await using var toy = Gated(2);
        var first = toy.RunAsync(Endless, TestToken);
        var step1 = await toy.Stage.NextAsync(TestToken);
        var second = toy.RunAsync(Endless with { Prompt = [14] }, TestToken);
        var step2 = await toy.Stage.NextAsync(TestToken);
        var waiting = toy.RunAsync(Endless with { Prompt = [15], MaxTokens = 1 }, TestToken);
        step1.Fail(new EngineException("stage_lost", "worker 2 is gone"));
        Assert.False(first.IsCompleted || second.IsCompleted);
        step2.Release();
        foreach (var run in (Task[])[first, second])
        {
            Assert.Equal("stage_lost", (await Assert.ThrowsAsync<EngineException>(() => run)).Code);
        }

        var next = await toy.Stage.NextAsync(TestToken);
        Assert.Equal([SequenceOperation.Close(1), SequenceOperation.Close(2), SequenceOperation.Open(3, 2)], next.Operations);
        next.Release();
        await ReleaseAllAsync(toy, waiting);
        Assert.Equal(ToyGenerator.Expected(Endless with { Prompt = [15], MaxTokens = 1 }), await waiting);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Disposing_cancels_all_steps_in_flight_and_waits_for_them()
    {
        var toy = Gated(3);
        var run = toy.RunAsync(Endless with { Prompt = [.. Enumerable.Range(2, 30)] }, TestToken);
        for (var i = 0; i < 3; i++)
        {
            await toy.Stage.NextAsync(TestToken);
        }

        await toy.DisposeAsync();
        Assert.Equal("shutting_down", (await Assert.ThrowsAsync<EngineException>(() => run)).Code);
    }

    private static ToyGenerator Gated(int depth)
    {
        var toy = new ToyGenerator(Plain, isGated: true);
        toy.Stage.StepsInFlight = depth;
        return toy;
    }

    private static async Task<List<string>> RunAsync(Generator generator, GenerationRequest request)
    {
        var events = new List<string>();
        await foreach (var generationEvent in generator.GenerateAsync(request, TestToken))
        {
            events.Add(ToyGenerator.Show(generationEvent));
        }

        return events;
    }

    /// <summary>Lets all steps go that come until the requests have ended.</summary>
    private static async Task ReleaseAllAsync(ToyGenerator toy, params Task[] runs)
    {
        var all = Task.WhenAll(runs);
        while (!all.IsCompleted)
        {
            var next = toy.Stage.NextAsync(TestToken).AsTask();
            if (await Task.WhenAny(all, next) == next)
            {
                (await next).Release();
            }
        }
    }
}
