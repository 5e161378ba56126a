using System.Globalization;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>However many steps are in flight, and wherever the layers are, every reply has the same bits: several requests at once, with
/// several choices, seeds and a prefix cache.</summary>
public sealed class FlightDeterminismTests
{
    private const string Model = "K-quants, grouped heads";

    private static readonly int[] Beginning = [.. Enumerable.Range(0, 70).Select(i => 3 + (i * 37 % 200))];

    private static readonly GenerationRequest[] Requests =
    [
        Ask([.. Beginning, 5], seed: 1),
        Ask([.. Beginning, 6, 7], seed: 2) with { Choices = 3 },
        Ask([9, .. Beginning], seed: 3),
        Ask([11, 12], seed: 4) with { Choices = 2 },
        Ask([.. Beginning[..33]], seed: 5) with { Sampling = new() { Temperature = 0 } },
        Ask([.. Beginning, .. Beginning], seed: 6),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_number_of_steps_in_flight_gives_the_bits_of_one()
    {
        using var device = new CpuDevice(threads: 2);
        var expected = await RunAsync(device, stages => stages.Here(0, TinyModels.LayerCount));
        for (var depth = 1; depth <= 4; depth++)
        {
            Assert.Equal(expected, await RunAsync(device, stages => stages.Away(0, TinyModels.LayerCount, depth)));
        }
    }

    [Fact]
    public async Task Layers_here_and_elsewhere_give_the_bits_of_one_stage()
    {
        using var device = new CpuDevice(threads: 2);
        var expected = await RunAsync(device, stages => stages.Here(0, TinyModels.LayerCount));
        Assert.Equal(expected, await RunAsync(device, stages => new Pipeline([stages.Here(0, 1), stages.Away(1, 2, 2), stages.Away(3, 1, 3)])));
        Assert.Equal(expected, await RunAsync(device, stages => new Pipeline([stages.Away(0, 2, 2), stages.Here(2, 2)])));
        Assert.Equal(expected, await RunAsync(device, stages => new Pipeline([stages.Here(0, 2), stages.Away(2, 1, 2), stages.Here(3, 1)])));
    }

    private static GenerationRequest Ask(int[] prompt, ulong seed) => new()
    {
        Prompt = prompt,
        Sampling = new() { Seed = seed, Temperature = 0.8f },
        MaxTokens = 12,
        TopLogProbs = 2,
    };

    private static async Task<List<string>> RunAsync(CpuDevice device, Func<Stages, IStage> create)
    {
        using var file = GgufFile.Open(TinyModels.PathOf(Model));
        var weights = new ModelWeights(file);
        using var head = device.CreateHead(weights);
        await using var stage = create(new Stages(device, weights));
        var options = new GeneratorOptions
        {
            HiddenSize = weights.Config.HiddenSize,
            ContextLength = 256,
            CapacityTokens = Stages.Cache.CapacityTokens,
            PromptTokensBesideReplies = 9,
            PromptTokensPerStepInFlight = 16,
        };
        await using var generator = new Generator(head, stage, new NumberTokenizer(weights.Config.VocabularySize), options);
        var replies = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            replies.AddRange(await Task.WhenAll(Requests.Select(request => ReadAsync(generator, request))));
        }

        return replies;
    }

    /// <summary>All tokens, and the bits of their probabilities, choice after choice.</summary>
    private static async Task<string> ReadAsync(Generator generator, GenerationRequest request)
    {
        var choices = new string[request.Choices];
        await foreach (var said in generator.GenerateAsync(request, Cancellation))
        {
            choices[said.Choice] += said is TextGenerated text ? string.Concat(text.Tokens.Select(Show)) : " end";
        }

        return string.Join('\n', choices);
    }

    private static string Show(GeneratedToken token) => string.Create(
        CultureInfo.InvariantCulture,
        $" {token.Token}:{BitConverter.SingleToInt32Bits(token.LogProb):x8},{BitConverter.SingleToInt32Bits(token.Top[1].LogProb):x8}");

    private sealed class Stages(CpuDevice device, ModelWeights weights)
    {
        public static KvCacheOptions Cache { get; } = new() { CapacityTokens = 2048 };

        public IStage Here(int first, int count) => device.CreateStage(weights, new LayerRange(first, count), Cache);

        public QueuedStage Away(int first, int count, int depth) => new QueuedStage(Here(first, count), depth, seed: first + depth);
    }
}
