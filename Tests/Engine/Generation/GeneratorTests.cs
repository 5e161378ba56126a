using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>What a generator says is what the plain definition says, whoever else is served at the time.</summary>
public sealed class GeneratorTests
{
    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    public static TheoryData<string> RequestNames => [.. Requests.Keys];

    internal static IReadOnlyDictionary<string, GenerationRequest> Requests { get; } = new Dictionary<string, GenerationRequest>
    {
        ["greedy"] = new() { Prompt = [5, 6, 7], Sampling = Greedy, MaxTokens = 30, IgnoreEos = true },
        ["one token"] = new() { Prompt = [9], Sampling = Greedy, MaxTokens = 1 },
        ["to the context's end"] = new() { Prompt = [4, 5], Sampling = Greedy, IgnoreEos = true },
        ["full context"] = new() { Prompt = [.. Enumerable.Range(0, 99).Select(i => 2 + (i % 20))], Sampling = new() { Seed = 8 } },
        ["drawn"] = new() { Prompt = [12, 13], Sampling = new() { Seed = 3 }, MaxTokens = 40 },
        ["drawn, other seed"] = new() { Prompt = [12, 13], Sampling = new() { Seed = 4 }, MaxTokens = 40 },
        ["long prompt"] = new()
        {
            Prompt = [.. Enumerable.Range(0, 70).Select(i => 2 + (i % 17))],
            Sampling = new() { Seed = 5 },
            MaxTokens = 20,
        },
        ["three choices"] = new() { Prompt = [.. Enumerable.Range(2, 18)], Sampling = new() { Seed = 6 }, MaxTokens = 25, Choices = 3 },
        ["choices of one token"] = new() { Prompt = [3, 4, 5], Sampling = new() { Seed = 7 }, MaxTokens = 1, Choices = 4 },
        ["choices that end at once"] = new()
        {
            Prompt = [3, 4, 5, 6],
            Sampling = new() { Seed = 21, LogitBias = new Dictionary<int, float> { [ToyTokenizer.End] = 8 } },
            Choices = 5,
            MaxTokens = 10,
        },
        ["stops"] = new()
        {
            Prompt = [8, 9],
            Sampling = new() { Seed = 9 },
            Stop = ["ab", "你", " w1", "a"],
            Choices = 3,
            IgnoreEos = true,
        },
        ["logprobs"] = new() { Prompt = [8, 10], Sampling = new() { Seed = 10, TopK = 5 }, TopLogProbs = 3, MaxTokens = 12, Stop = ["ba"] },
        ["everything"] = new()
        {
            Prompt = [.. Enumerable.Range(2, 30)],
            Sampling = new()
            {
                Seed = ulong.MaxValue,
                Temperature = 1.3f,
                TopK = 25,
                TopP = 0.97f,
                MinP = 0.01f,
                TypicalP = 0.99f,
                RepeatPenalty = 1.1f,
                PresencePenalty = 0.2f,
                FrequencyPenalty = 0.2f,
                LogitBias = new Dictionary<int, float> { [14] = 2 },
            },
            Choices = 2,
            MaxTokens = 40,
            TopLogProbs = 0,
            Stop = ["😀"],
        },
    };

    [Theory]
    [MemberData(nameof(RequestNames))]
    public async Task Says_what_the_plain_definition_says(string name)
    {
        await using var toy = new ToyGenerator();
        var events = await toy.RunAsync(Requests[name], TestContext.Current.CancellationToken);
        Assert.Equal(ToyGenerator.Expected(Requests[name]), ToyGenerator.ByChoice(events));
    }

    [Theory]
    [InlineData(16, 16, 400)]
    [InlineData(5, 5, 400)]
    [InlineData(512, 16, 2_000)]
    [InlineData(16, 16, 128)]
    public async Task Says_the_same_in_company_as_alone(int tokensPerStep, int maxSequences, int capacityTokens)
    {
        await using var toy = new ToyGenerator(ToyGenerator.DefaultOptions with
        {
            TokensPerStep = tokensPerStep,
            MaxSequences = maxSequences,
            CapacityTokens = capacityTokens,
        });

        // Where it is small, the cache has not room for all choices at the context's full length.
        var requests = Requests.Values.Where(request => capacityTokens >= 400 || request.Choices == 1).ToList();
        var runs = requests.Select(request => Task.Run(() => toy.RunAsync(request, TestContext.Current.CancellationToken))).ToList();
        var all = await Task.WhenAll(runs);
        for (var i = 0; i < requests.Count; i++)
        {
            Assert.Equal(ToyGenerator.Expected(requests[i]), ToyGenerator.ByChoice(all[i]));
        }

        Assert.InRange(toy.Stage.LargestStep, 1, tokensPerStep);
    }

    [Fact]
    public async Task Different_seeds_and_choices_say_different_things()
    {
        await using var toy = new ToyGenerator();
        var request = new GenerationRequest { Prompt = [5, 6, 7], MaxTokens = 20, Choices = 4, IgnoreEos = true };
        var first = await toy.RunAsync(request, TestContext.Current.CancellationToken);
        var other = await toy.RunAsync(request with { Sampling = new() { Seed = 1 } }, TestContext.Current.CancellationToken);
        var replies = first.Concat(other.Select(shown => "other " + shown))
            .GroupBy(shown => shown.Split(':')[0], shown => shown.Split(':', 2)[1])
            .Select(said => string.Concat(said));
        Assert.Equal(8, replies.Distinct().Count());
    }

    [Fact]
    public async Task Computes_logits_only_where_a_token_is_chosen()
    {
        await using var toy = new ToyGenerator();
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 30)], MaxTokens = 10, Choices = 3, IgnoreEos = true };
        await toy.RunAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(1 + (3 * 9), toy.Head.RowsComputed);
    }

    [Fact]
    public async Task Log_probabilities_of_all_tokens_sum_to_1_and_are_the_models_own()
    {
        await using var toy = new ToyGenerator();
        var vocabulary = ToyModel.Tokenizer.VocabularySize;
        var request = new GenerationRequest
        {
            Prompt = [5, 6],
            MaxTokens = 20,
            TopLogProbs = vocabulary,
            IgnoreEos = true,
            Sampling = new() { Temperature = 0.3f, TopK = 3, LogitBias = new Dictionary<int, float> { [20] = 5 } },
        };
        List<int> tokens = [5, 6];
        await foreach (var said in toy.Generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            foreach (var token in (said as TextGenerated)?.Tokens ?? [])
            {
                Assert.Equal(1, token.Top.Sum(top => Math.Exp(top.LogProb)), 5);
                Assert.Equal(token.Top.Single(top => top.Token == token.Token).LogProb, token.LogProb);
                var logits = ToyModel.LogitsBehind(tokens);
                Assert.Equal(logits.Max() - logits[token.Token], token.Top[0].LogProb - token.LogProb, 4);
                tokens.Add(token.Token);
            }
        }

        Assert.Equal(22, tokens.Count);
    }

    [Fact]
    public async Task Serves_a_thousand_requests_from_a_cache_that_holds_a_few()
    {
        await using var toy = new ToyGenerator(ToyGenerator.DefaultOptions with { QueueLength = 1_000, CapacityTokens = 40 });
        var runs = Enumerable.Range(0, 1_000).Select(i => toy.RunAsync(Small(i), TestContext.Current.CancellationToken)).ToList();
        var all = await Task.WhenAll(runs);
        for (var i = 0; i < all.Length; i += 50)
        {
            Assert.Equal(ToyGenerator.Expected(Small(i)), ToyGenerator.ByChoice(all[i]));
        }

        static GenerationRequest Small(int i) => new()
        {
            Prompt = [2 + (i % 20), 3],
            MaxTokens = 4,
            Sampling = new() { Seed = (ulong)i },
            Choices = 1 + (i % 2),
        };
    }
}
