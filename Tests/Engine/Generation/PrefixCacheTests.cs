using System.Globalization;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>What a generator says where it begins with what is kept, on the toy model and on real stages.</summary>
public sealed class PrefixCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_conversation_goes_on_from_its_last_reply(int choices)
    {
        await using var toy = new ToyGenerator();
        List<int> conversation = [5, 6, 7];
        for (var turn = 0; turn < 5; turn++)
        {
            var request = new GenerationRequest { Prompt = [.. conversation], MaxTokens = 9, Choices = choices, IgnoreEos = true };
            var (events, cached) = await RunAsync(toy.Generator, request);
            Assert.Equal(ToyGenerator.Expected(request), ToyGenerator.ByChoice(events.Select(ToyGenerator.Show)));

            // The last token of a reply was never computed; all full blocks before it are there.
            Assert.Equal(turn == 0 ? 0 : (conversation.Count - 3) / 4 * 4, cached);
            var reply = events.OfType<TextGenerated>().Where(said => said.Choice == 0).SelectMany(said => said.Tokens);
            conversation.AddRange(reply.Select(token => token.Token));
            conversation.AddRange([8, 9]);
        }
    }

    [Fact]
    public async Task Says_the_same_without_a_cache_and_reports_no_hit()
    {
        await using var toy = new ToyGenerator(ToyGenerator.DefaultOptions with { PrefixCache = false });
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 30)], MaxTokens = 9, IgnoreEos = true };
        for (var turn = 0; turn < 2; turn++)
        {
            var (events, cached) = await RunAsync(toy.Generator, request);
            Assert.Equal(ToyGenerator.Expected(request), ToyGenerator.ByChoice(events.Select(ToyGenerator.Show)));
            Assert.Equal(0, cached);
        }
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task A_request_that_is_cancelled_leaves_what_it_has_computed()
    {
        await using var toy = new ToyGenerator(isGated: true);
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 30)], MaxTokens = 1, IgnoreEos = true };
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var run = toy.RunAsync(request, cancelling.Token);
        var chunk = await toy.Stage.NextAsync(Cancellation);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        chunk.Release();
        (await toy.Stage.NextAsync(Cancellation)).Release();
        var again = RunAsync(toy.Generator, request);
        var rest = await toy.Stage.NextAsync(Cancellation);
        Assert.Equal([new Segment(3, 16, 14)], rest.Segments);
        rest.Release();
        var (events, cached) = await again;
        Assert.Equal(ToyGenerator.Expected(request), ToyGenerator.ByChoice(events.Select(ToyGenerator.Show)));
        Assert.Equal(16, cached);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Behind_a_failed_step_nothing_is_taken_for_known()
    {
        await using var toy = new ToyGenerator();
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 14)], MaxTokens = 6, IgnoreEos = true };
        await RunAsync(toy.Generator, request);

        // Behind its end, a step closes its sequence, which must not be the one that fails.
        await TestPeer.UntilAsync(() => toy.Stage.StepCount == 7);
        toy.Stage.NextFault = ToyFault.BeforeSegments;
        await Assert.ThrowsAsync<EngineException>(() => RunAsync(toy.Generator, request));
        foreach (var expected in (int[])[0, 12])
        {
            var (events, cached) = await RunAsync(toy.Generator, request);
            Assert.Equal(ToyGenerator.Expected(request), ToyGenerator.ByChoice(events.Select(ToyGenerator.Show)));
            Assert.Equal(expected, cached);
        }
    }

    public static TheoryData<string, KvType> Models() => new MatrixTheoryData<string, KvType>(TinyModels.Names, [KvType.F32, KvType.F16]);

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_hit_changes_no_bit_of_a_real_model(string model, KvType kvType)
    {
        var request = new GenerationRequest
        {
            Prompt = [1, .. Enumerable.Range(0, 80).Select(i => 3 + (i * 37 % 200))],
            MaxTokens = 24,
            Choices = 2,
            TopLogProbs = 5,
            IgnoreEos = true,
            Sampling = new() { Seed = 4 },
        };
        var alone = await TellAsync(DeviceKind.Cpu, model, kvType, [request]);
        var next = Next(request, alone[0].Tokens);
        var told = await TellAsync(DeviceKind.Cpu, model, kvType, [next]);
        var both = await TellAsync(DeviceKind.Cpu, model, kvType, [request, request, next]);

        Assert.Equal([0, 64, 96], both.Select(one => one.CachedTokens));
        Assert.Equal(0, told[0].CachedTokens);
        Assert.Equal(alone[0].Tokens, both[0].Tokens);
        Assert.Equal(alone[0].Tokens, both[1].Tokens);
        Assert.Equal(told[0].Tokens, both[2].Tokens);
    }

    /// <summary>Stages of libtorch are paged as ours are, so a hit is a fork there, too; its bits depend on the chunks.</summary>
    [Fact]
    public async Task A_hit_changes_rounding_only_with_libtorch()
    {
        var model = TinyModels.Names.First();
        var request = new GenerationRequest
        {
            Prompt = [1, .. Enumerable.Range(0, 80).Select(i => 3 + (i * 37 % 200))],
            MaxTokens = 1,
            TopLogProbs = 5,
            IgnoreEos = true,
            Sampling = new() { Temperature = 0 },
        };
        var told = await TellAsync(DeviceKind.TorchCpu, model, KvType.F32, [request, request]);
        Assert.Equal([0, 64], told.Select(one => one.CachedTokens));
        Assert.Equal(told[0].Tokens.Select(token => token.Id), told[1].Tokens.Select(token => token.Id));
        Assert.Equal(told[0].Tokens[0].LogProb, told[1].Tokens[0].LogProb, 1e-3f);
    }

    /// <summary>The first choice's reply, and something more.</summary>
    private static GenerationRequest Next(GenerationRequest request, IReadOnlyList<Told> tokens) => request with
    {
        Prompt = [.. request.Prompt, .. tokens.Where(token => token.Choice == 0).Select(token => token.Id), 7, 8],
        Choices = 1,
    };

    private static async Task<List<(List<Told> Tokens, int CachedTokens)>> TellAsync(
        DeviceKind kind, string model, KvType kvType, IEnumerable<GenerationRequest> requests)
    {
        using var file = GgufFile.Open(TinyModels.PathOf(model));
        var weights = new ModelWeights(file);
        using var device = TestDevices.Open(kind);
        using var head = device.CreateHead(weights);
        var kvCache = new KvCacheOptions { Type = kvType, CapacityTokens = 1024 };
        await using var stage = device.CreateStage(weights, new LayerRange(0, weights.Config.LayerCount), kvCache);
        await using var generator = new Generator(head, stage, new NumberTokenizer(weights.Config.VocabularySize), new GeneratorOptions
        {
            HiddenSize = weights.Config.HiddenSize,
            ContextLength = 256,
            CapacityTokens = kvCache.CapacityTokens,
            BlockLength = kvCache.BlockLength,
        });
        var all = new List<(List<Told>, int)>();
        foreach (var request in requests)
        {
            var (events, cached) = await RunAsync(generator, request);
            var tokens = events.OfType<TextGenerated>().OrderBy(said => said.Choice)
                .SelectMany(said => said.Tokens.Select(token => new Told(said.Choice, token.Token, token.LogProb, string.Join(' ', token.Top.Select(Show)))));
            all.Add(([.. tokens], cached));
        }

        return all;
    }

    private static string Show(TokenLogProb top) =>
        string.Create(CultureInfo.InvariantCulture, $"{top.Token}={BitConverter.SingleToInt32Bits(top.LogProb):X8}");

    private static async Task<(List<GenerationEvent> Events, int CachedTokens)> RunAsync(Generator generator, GenerationRequest request)
    {
        var events = new List<GenerationEvent>();
        await foreach (var said in generator.GenerateAsync(request, Cancellation))
        {
            events.Add(said);
        }

        return (events, Assert.Single(events.OfType<ChoiceFinished>().Select(finished => finished.CachedTokens).Distinct()));
    }

    private sealed record Told(int Choice, int Id, float LogProb, string Top);
}
