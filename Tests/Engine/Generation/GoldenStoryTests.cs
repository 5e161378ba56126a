using System.Text;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Engine.Golden;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>The whole way, on a trained model: text to tokens, through real stages, to text.</summary>
public sealed class GoldenStoryTests
{
    [Theory]
    [InlineData("stories260K", "stories260K")]
    [InlineData("babyllama_tok361.f32", "babyllama_tok361.f32")]
    public async Task Tells_llama_cpps_stories_whoever_else_listens(string model, string golden)
    {
        using var file = GgufFile.Open(SharedData.Require($"models/{model}.gguf"));
        var weights = new ModelWeights(file);
        var tokenizer = Tokenizer.FromMetadata(file.Metadata);
        using var device = new CpuDevice(kernels: KernelKind.Reference);
        using var head = device.CreateHead(weights);
        var kvCache = new KvCacheOptions { Type = KvType.F32, CapacityTokens = 4096 };
        await using var stage = device.CreateStage(weights, new LayerRange(0, weights.Config.LayerCount), kvCache);
        await using var generator = new Generator(head, stage, tokenizer, new GeneratorOptions
        {
            HiddenSize = weights.Config.HiddenSize,
            ContextLength = 512,
            CapacityTokens = kvCache.CapacityTokens,
            BlockLength = kvCache.BlockLength,
            TokensPerStep = 32,
        });

        // All at once, and each twice as two choices: batches of every mixture.
        var cases = GoldenCase.Load(golden).Where(one => one.PromptTokens.Length + one.Tokens.Length <= 512).ToList();
        var stories = await Task.WhenAll(cases.Select(one => TellAsync(generator, one)));
        Assert.NotEmpty(cases);
        for (var i = 0; i < cases.Count; i++)
        {
            foreach (var (text, tokens) in stories[i])
            {
                Assert.Equal(cases[i].Tokens, tokens);
                Assert.Equal(cases[i].Content, text);
            }
        }
    }

    private static async Task<IEnumerable<(string Text, List<int> Tokens)>> TellAsync(Generator generator, GoldenCase golden)
    {
        var request = new GenerationRequest
        {
            Prompt = golden.PromptTokens,
            MaxTokens = golden.Tokens.Length,
            Choices = 2,
            Sampling = new() { Temperature = 0 },
            IgnoreEos = true,
        };
        var (texts, tokens) = (new[] { new StringBuilder(), new StringBuilder() }, new[] { new List<int>(), new List<int>() });
        await foreach (var said in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            if (said is TextGenerated part)
            {
                texts[part.Choice].Append(part.Text);
                tokens[part.Choice].AddRange(part.Tokens.Select(token => token.Token));
            }
        }

        return texts.Zip(tokens, (text, ids) => (text.ToString(), ids));
    }
}
