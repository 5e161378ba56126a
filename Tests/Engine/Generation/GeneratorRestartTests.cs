using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Stages that lose all sequences and go on change nothing of what is said.</summary>
public sealed class GeneratorRestartTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    [MemberData(nameof(GeneratorTests.RequestNames), MemberType = typeof(GeneratorTests))]
    public async Task Says_the_same_at_whatever_step_all_is_lost(string name)
    {
        var request = GeneratorTests.Requests[name];
        var expected = ToyGenerator.Expected(request);
        for (var (lost, steps) = (0, int.MaxValue); lost <= steps; lost++)
        {
            var toy = new ToyStage(ToyGenerator.DefaultOptions.CapacityTokens, ToyGenerator.DefaultOptions.BlockLength);
            var stage = new ForgetfulStage(toy, step => step == lost);
            await using (var generator = Create(stage, ToyGenerator.DefaultOptions))
            {
                Assert.Equal(expected, ToyGenerator.ByChoice(await RunAsync(generator, request)));
            }

            // The last one may close what is over, which the end may have come before.
            steps = lost == 0 ? stage.StepCount : steps;
            Assert.True(lost == 0 || lost >= steps || stage.Losses == 1, $"nothing was lost at step {lost} of {steps}");
            Assert.Empty(toy.Violations);
        }
    }

    [Theory(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    [InlineData(5, 6, true)]
    public async Task Says_the_same_to_many_at_once_whenever_all_is_lost(int seed, int depth, bool hasPrefixCache)
    {
        var options = ToyGenerator.DefaultOptions with
        {
            CapacityTokens = 1_000,
            TokensPerStep = 64,
            PromptTokensBesideReplies = 64,
            PromptTokensPerStepInFlight = 40,
            PrefixCache = hasPrefixCache,
        };
        var toy = new ToyStage(options.CapacityTokens, options.BlockLength);

        // So far apart that all come further in between, however they share the steps.
        var random = new Random(seed);
        var next = 1;
        var forgetful = new ForgetfulStage(toy, step => step == next && (next += random.Next(60, 150)) > 0);
        await using var stage = new QueuedStage(forgetful, depth, seed);
        await using (var generator = Create(stage, options))
        {
            for (var round = 0; round < 5; round++)
            {
                var requests = GeneratorTests.Requests.Values.ToList();
                var all = await Task.WhenAll(requests.Select(request => Task.Run(() => RunAsync(generator, request), TestToken)));
                for (var i = 0; i < requests.Count; i++)
                {
                    Assert.Equal(ToyGenerator.Expected(requests[i]), ToyGenerator.ByChoice(all[i]));
                }
            }
        }

        Assert.Empty(toy.Violations);
        Assert.InRange(forgetful.Losses, 3, int.MaxValue);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task A_request_that_never_comes_further_fails()
    {
        var toy = new ToyStage(ToyGenerator.DefaultOptions.CapacityTokens);
        var stage = new ForgetfulStage(toy, step => step > 3);
        await using var generator = Create(stage, ToyGenerator.DefaultOptions);
        var error = await Assert.ThrowsAsync<EngineException>(() => RunAsync(generator, GeneratorTests.Requests["greedy"]));
        Assert.Equal(("sequences_lost", "worker 2 is another one now"), (error.Code, error.Message));

        // What it left is closed with the next request, or at once: that fails, too, and then waits.
        Assert.InRange(stage.Losses, Scheduler.MaxRestarts + 1, Scheduler.MaxRestarts + 2);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Tokens_that_were_not_computed_are_counted_once()
    {
        var toy = new ToyStage(ToyGenerator.DefaultOptions.CapacityTokens);
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 13)], MaxTokens = 9, IgnoreEos = true };
        var lost = int.MaxValue;
        var stage = new ForgetfulStage(toy, step => step == lost);
        await using var generator = Create(stage, ToyGenerator.DefaultOptions);
        Assert.Equal(0, await CachedTokensAsync(generator, request));
        Assert.Equal(12, await CachedTokensAsync(generator, request));
        lost = stage.StepCount + 4;
        Assert.Equal(12, await CachedTokensAsync(generator, request));
        Assert.Equal(1, stage.Losses);
    }

    private static Generator Create(IStage stage, GeneratorOptions options) => new(new ToyModel(), stage, ToyModel.Tokenizer, options);

    private static async Task<List<string>> RunAsync(Generator generator, GenerationRequest request)
    {
        var events = new List<string>();
        await foreach (var generationEvent in generator.GenerateAsync(request, TestToken))
        {
            events.Add(ToyGenerator.Show(generationEvent));
        }

        return events;
    }

    private static async Task<int> CachedTokensAsync(Generator generator, GenerationRequest request)
    {
        var cached = -1;
        await foreach (var generationEvent in generator.GenerateAsync(request, TestToken))
        {
            cached = generationEvent is ChoiceFinished finished ? finished.CachedTokens : cached;
        }

        return cached;
    }
}
