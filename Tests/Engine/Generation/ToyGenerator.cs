using System.Globalization;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;
using static System.FormattableString;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>A generator over the toy model, and what it must say.</summary>
internal sealed class ToyGenerator : IAsyncDisposable
{
    public ToyGenerator(GeneratorOptions? options = null, bool isGated = false)
    {
        options ??= DefaultOptions;
        Stage = new ToyStage(options.CapacityTokens, options.BlockLength, isGated);
        Generator = new Generator(Head, Stage, ToyModel.Tokenizer, options);
    }

    public static GeneratorOptions DefaultOptions { get; } = new()
    {
        HiddenSize = ToyModel.HiddenSize,
        ContextLength = 100,
        CapacityTokens = 400,
        BlockLength = 4,
        TokensPerStep = 16,
        MaxSequences = 16,
    };

    public ToyModel Head { get; } = new();

    public ToyStage Stage { get; }

    public Generator Generator { get; }

    /// <summary>All events, readable: choice, text, tokens with log-probabilities.</summary>
    public async Task<List<string>> RunAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var events = new List<string>();
        await foreach (var generationEvent in Generator.GenerateAsync(request, cancellationToken))
        {
            events.Add(Show(generationEvent));
        }

        return events;
    }

    /// <summary>What a request must lead to, choice after choice, computed without batches, caches, threads and schedulers.</summary>
    public static List<string> Expected(GenerationRequest request, int contextLength = 100)
    {
        var shown = new List<string>();
        for (var choice = 0; choice < request.Choices; choice++)
        {
            var workspace = new SamplingWorkspace(ToyModel.Tokenizer.VocabularySize);
            var sampler = new Sampler(request.Sampling, request.Prompt, choice);
            var text = new ReplyText(choice, request.Stop);
            List<int> tokens = [.. request.Prompt];
            var limit = request.Prompt.Count + (request.MaxTokens ?? contextLength - request.Prompt.Count);
            var isEnd = false;
            while (tokens.Count < limit && !isEnd && !text.IsStopped)
            {
                var logits = ToyModel.LogitsBehind(tokens);
                tokens.Add(sampler.Next(logits, workspace));
                isEnd = tokens[^1] == ToyTokenizer.End && !request.IgnoreEos;
                Add(isEnd ? null : text.Append(Describe(tokens[^1], logits, request.TopLogProbs)));
            }

            Add(text.Finish());
            var reason = isEnd || text.IsStopped ? FinishReason.Stop : FinishReason.Length;
            shown.Add(Show(new ChoiceFinished(choice, reason, tokens.Count - request.Prompt.Count)));
        }

        return shown;

        void Add(TextGenerated? said)
        {
            if (said is not null)
            {
                shown.Add(Show(said));
            }
        }
    }

    /// <summary>The events in the order of their choices.</summary>
    public static List<string> ByChoice(IEnumerable<string> events) =>
        [.. events.OrderBy(shown => int.Parse(shown.Split(':')[0], CultureInfo.InvariantCulture))];

    public async ValueTask DisposeAsync()
    {
        await Generator.DisposeAsync();
        Assert.Empty(Stage.Violations);
    }

    private static GeneratedToken Describe(int token, float[] logits, int? top)
    {
        var bytes = ToyModel.Tokenizer.GetBytes(token);
        if (top is null)
        {
            return new GeneratedToken(token, bytes, float.NaN, []);
        }

        var total = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        return new GeneratedToken(token, bytes, (float)(logits[token] - total), [.. Enumerable.Range(0, logits.Length)
            .OrderByDescending(id => logits[id]).ThenBy(id => id).Take(top.Value)
            .Select(id => new TokenLogProb(id, ToyModel.Tokenizer.GetBytes(id), (float)(logits[id] - total)))]);
    }

    public static string Show(GenerationEvent generationEvent) => generationEvent switch
    {
        TextGenerated said => Invariant($"{said.Choice}: '{said.Text}' {string.Join(' ', said.Tokens.Select(Show))}"),
        ChoiceFinished finished => Invariant($"{finished.Choice}: {finished.Reason} {finished.TokenCount}"),
        _ => throw new InvalidOperationException($"unknown event {generationEvent}"),
    };

    private static string Show(GeneratedToken token)
    {
        var top = token.Top.Select(likely => Invariant($"{likely.Token}/{Convert.ToHexString(likely.Bytes.Span)}={likely.LogProb:F4}"));
        return Invariant($"{token.Token}/{Convert.ToHexString(token.Bytes.Span)}={token.LogProb:F4}({string.Join(' ', top)})");
    }
}
