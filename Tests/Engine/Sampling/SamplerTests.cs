using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Sampling;

public sealed class SamplerTests
{
    private const int Vocabulary = 700;

    public static TheoryData<string> OptionNames => [.. Options.Keys];

    private static Dictionary<string, SamplingOptions> Options { get; } = new()
    {
        ["plain"] = new(),
        ["hot"] = new() { Temperature = 1.7f },
        ["cold"] = new() { Temperature = 0.2f },
        ["top_k 1"] = new() { TopK = 1 },
        ["top_k 5"] = new() { TopK = 5 },
        ["top_k 300"] = new() { TopK = 300 },
        ["top_k all"] = new() { TopK = 10_000 },
        ["top_p 0"] = new() { TopP = 0 },
        ["top_p .5"] = new() { TopP = 0.5f },
        ["top_p .99"] = new() { TopP = 0.99f },
        ["min_p .05"] = new() { MinP = 0.05f },
        ["min_p 1"] = new() { MinP = 1 },
        ["typical 0"] = new() { TypicalP = 0 },
        ["typical .3"] = new() { TypicalP = 0.3f },
        ["typical .9"] = new() { TypicalP = 0.9f },
        ["bias"] = new() { LogitBias = new Dictionary<int, float> { [3] = 20, [17] = -100, [699] = 19 } },
        ["repeat"] = new() { RepeatPenalty = 1.8f, RepeatWindow = 6 },
        ["repeat, no window"] = new() { RepeatPenalty = 1.8f, RepeatWindow = 0 },
        ["repeat, huge window"] = new() { RepeatPenalty = 1.3f, RepeatWindow = int.MaxValue },
        ["presence"] = new() { PresencePenalty = 1.5f },
        ["frequency"] = new() { FrequencyPenalty = 1.1f },
        ["reward"] = new() { FrequencyPenalty = -0.7f, PresencePenalty = -1 },
        ["everything"] = new()
        {
            Temperature = 0.8f,
            TopK = 200,
            TypicalP = 0.95f,
            TopP = 0.9f,
            MinP = 0.01f,
            RepeatPenalty = 1.2f,
            RepeatWindow = 4,
            PresencePenalty = 0.4f,
            FrequencyPenalty = 0.3f,
            LogitBias = new Dictionary<int, float> { [5] = 3, [6] = -3 },
        },
    };

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Draws_where_the_plain_definition_puts_the_random_number(string name)
    {
        var workspace = new SamplingWorkspace(Vocabulary);
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            int[] prompt = [.. Enumerable.Range(0, 10).Select(_ => random.Next(Vocabulary))];
            var options = Options[name] with { Seed = (ulong)round };
            var sampler = new Sampler(options, prompt, choice: 2);
            var generated = new List<int>();
            for (var i = 0; i < 8; i++)
            {
                var logits = RandomLogits(random, spread: 1 + (round % 4));
                var expected = NaiveSampling.Distribution(logits, options, prompt, [.. generated]);
                var token = sampler.Next(logits, workspace);
                Assert.Contains(token, expected.Keys);
                var isSorted = options.TopK > 0 || options.TopP < 1 || options.TypicalP < 1;
                AssertDrawn(token, expected, Philox.Uniform(options.Seed, 2, prompt.Length + i), isSorted);
                generated.Add(token);
            }
        }
    }

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Draws_as_often_as_the_plain_definition_says(string name)
    {
        const int draws = 10_000;
        var workspace = new SamplingWorkspace(40);
        var random = new Random(2);
        var options = Options[name] with { LogitBias = new Dictionary<int, float>() };
        float[] logits = [.. Enumerable.Range(0, 40).Select(_ => (random.NextSingle() * 6) - 3)];
        int[] prompt = [1, 2, 3, 4, 5];
        var expected = NaiveSampling.Distribution(logits, options, prompt, []);
        var counts = new int[40];
        for (var seed = 0; seed < draws; seed++)
        {
            counts[new Sampler(options with { Seed = (ulong)seed }, prompt, 0).Next(logits, workspace)]++;
        }

        Assert.Equal(draws, expected.Keys.Sum(token => counts[token]));
        AssertChiSquare(counts, expected, draws);
    }

    [Fact]
    public void Positions_of_one_seed_are_independent_draws()
    {
        const int draws = 20_000;
        var workspace = new SamplingWorkspace(8);
        float[] logits = [0, 0.5f, 1, 1.5f, 2, -1, -2, 0.25f];
        var sampler = new Sampler(new SamplingOptions { Seed = 99 }, [0], 0);
        var counts = new int[8];
        var pairs = new int[64];
        var last = 0;
        for (var i = 0; i < draws; i++)
        {
            var token = sampler.Next(logits, workspace);
            counts[token]++;
            pairs[(last * 8) + token] += i > 0 ? 1 : 0;
            last = token;
        }

        var expected = NaiveSampling.Softmax(logits, [.. Enumerable.Range(0, 8)], 1);
        AssertChiSquare(counts, expected, draws);
        AssertChiSquare(pairs, Enumerable.Range(0, 64).ToDictionary(i => i, i => expected[i / 8] * expected[i % 8]), draws - 1);
    }

    [Fact]
    public void Temperature_0_takes_the_lowest_of_the_likeliest()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0, TypicalP = 0.1f, MinP = 0.5f }, [0], 0);
        Assert.Equal(1, sampler.Next([-1, 2, 0, 2, 2], new SamplingWorkspace(5)));
    }

    [Fact]
    public void Temperature_0_still_heeds_bias_and_penalties()
    {
        var workspace = new SamplingWorkspace(4);
        var options = new SamplingOptions { Temperature = 0, PresencePenalty = 1.5f, LogitBias = new Dictionary<int, float> { [2] = 2 } };
        var sampler = new Sampler(options, [2], 0);
        float[] logits = [0, 1, 0.5f, 0];
        Assert.Equal([2, 1, 2], Enumerable.Range(0, 3).Select(_ => sampler.Next(logits, workspace)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Rejects_logits_that_are_no_numbers(float bad)
    {
        foreach (var temperature in (float[])[0, 1])
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = temperature }, [0], 0);
            var error = Assert.Throws<EngineException>(() => sampler.Next([0, 1, bad, 0], new SamplingWorkspace(4)));
            Assert.Equal("invalid_logits", error.Code);
            Assert.Contains("token 2", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Extreme_numbers_still_give_a_token(float temperature)
    {
        var options = new SamplingOptions
        {
            Temperature = temperature == 0 ? 0 : float.Epsilon,
            RepeatPenalty = 1e-30f,
            FrequencyPenalty = float.MaxValue,
            LogitBias = new Dictionary<int, float> { [0] = float.MaxValue, [1] = float.MinValue },
            TopP = 0.9f,
            MinP = 0.1f,
            TypicalP = 0.9f,
        };
        var sampler = new Sampler(options, [1, 2], 0);
        Assert.Equal(0, sampler.Next([float.MaxValue, float.MinValue, float.MaxValue / 2, 0], new SamplingWorkspace(4)));
        Assert.Equal(2, sampler.Next([float.MinValue, float.MinValue, float.MaxValue, 0], new SamplingWorkspace(4)));
    }

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Allocates_nothing_per_token(string name)
    {
        var workspace = new SamplingWorkspace(Vocabulary);
        var logits = RandomLogits(new Random(4), 2);
        var sampler = new Sampler(Options[name] with { RepeatWindow = Math.Min(Options[name].RepeatWindow, 64) }, [1, 2, 3], 0);

        // Until the tokens that come have come, they may still grow a dictionary.
        for (var i = 0; i < 1_000; i++)
        {
            sampler.Next(logits, workspace);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
        {
            sampler.Next(logits, workspace);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public static TheoryData<string, SamplingOptions> BadOptions => new()
    {
        { "temperature", new() { Temperature = -0.1f } },
        { "temperature", new() { Temperature = float.NaN } },
        { "top_k", new() { TopK = -1 } },
        { "top_p", new() { TopP = 1.1f } },
        { "top_p", new() { TopP = float.NaN } },
        { "min_p", new() { MinP = -1 } },
        { "typical_p", new() { TypicalP = 2 } },
        { "repeat_penalty", new() { RepeatPenalty = 0 } },
        { "repeat_window", new() { RepeatWindow = -1 } },
        { "presence_penalty", new() { PresencePenalty = float.PositiveInfinity } },
        { "frequency_penalty", new() { FrequencyPenalty = float.NaN } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, float> { [1] = float.NaN } } },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void Rejects_options_out_of_range(string name, SamplingOptions options)
    {
        var error = Assert.Throws<EngineException>(() => options.Validate(10));
        Assert.Equal("invalid_value", error.Code);
        Assert.StartsWith(name + " is ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void Rejects_a_bias_of_no_token(int token)
    {
        var options = new SamplingOptions { LogitBias = new Dictionary<int, float> { [token] = 1 } };
        Assert.Equal("token_out_of_range", Assert.Throws<EngineException>(() => options.Validate(10)).Code);
    }

    /// <summary>Half steps, so that there are ties.</summary>
    private static float[] RandomLogits(Random random, int spread) =>
        [.. Enumerable.Range(0, Vocabulary).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 16 * spread) / 2)];

    /// <summary>The number must lie in the token's stretch of the cumulated probabilities, up to rounding.</summary>
    private static void AssertDrawn(int token, Dictionary<int, double> expected, double uniform, bool isSorted)
    {
        var order = isSorted ? expected.Keys.ToList() : [.. expected.Keys.Order()];
        var below = order.TakeWhile(id => id != token).Sum(id => expected[id]);
        Assert.InRange(uniform, below - 1e-9, below + expected[token] + 1e-9);
    }

    private static void AssertChiSquare(int[] counts, Dictionary<int, double> expected, int draws)
    {
        var cells = expected.Where(cell => cell.Value * draws >= 5).ToList();
        var statistic = cells.Sum(cell => Math.Pow(counts[cell.Key] - (cell.Value * draws), 2) / (cell.Value * draws));

        // Wilson-Hilferty: the value that one in a thousand honest samples exceeds.
        var freedom = Math.Max(1, cells.Count - 1);
        var limit = freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.09 * Math.Sqrt(2.0 / (9 * freedom))), 3);
        Assert.True(statistic <= limit, $"chi-square {statistic:F1} over {freedom} degrees of freedom is above {limit:F1}");
    }
}
