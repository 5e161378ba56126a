using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Server;

/// <summary>What a generator does with a request, in a test.</summary>
internal delegate IAsyncEnumerable<GenerationEvent> GenerationScript(GenerationRequest request, CancellationToken cancellationToken);

/// <summary>A generator that follows a script, and remembers what was asked of it.</summary>
internal sealed class ScriptedGenerator : IGenerator
{
    /// <summary>The text that <see cref="Say"/> replies: it has a character of two bytes.</summary>
    public const string Text = "Hëllo";

    /// <summary>How many tokens (bytes) that is.</summary>
    public const int TokenCount = 6;

    /// <summary>The log-probability of each token.</summary>
    public const float LogProb = -0.5f;

    public GenerationScript Script { get; set; } = Say;

    /// <summary>The requests so far, oldest first.</summary>
    public ConcurrentQueue<GenerationRequest> Requests { get; } = new();

    public GeneratorLoad Load { get; set; }

    public IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        return Script(request, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Replies <see cref="Text"/> to each choice, byte by byte, its choices in turns, and heeds the limit of tokens.</summary>
    public static async IAsyncEnumerable<GenerationEvent> Say(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        var bytes = Encoding.UTF8.GetBytes(Text);
        var count = Math.Min(bytes.Length, request.MaxTokens ?? int.MaxValue);
        var said = 0;
        for (var i = 0; i < count; i++)
        {
            // Whole characters only.
            var whole = Encoding.UTF8.GetString(bytes.AsSpan(0, i + 1)).Replace("\uFFFD", "", StringComparison.Ordinal);
            for (var choice = 0; choice < request.Choices; choice++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new TextGenerated(choice, whole[said..], [Token(bytes[i], request.TopLogProbs)]);
            }

            said = whole.Length;
        }

        for (var choice = 0; choice < request.Choices; choice++)
        {
            yield return new ChoiceFinished(choice, count < bytes.Length ? FinishReason.Length : FinishReason.Stop, count);
        }
    }

    /// <summary>As <see cref="Say"/>, with so many of each prompt's tokens from the cache.</summary>
    public static GenerationScript SayCached(int cachedTokens)
    {
        return Run;

        async IAsyncEnumerable<GenerationEvent> Run(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var said in Say(request, cancellationToken))
            {
                yield return said is ChoiceFinished finished ? finished with { CachedTokens = cachedTokens } : said;
            }
        }
    }

    /// <summary>Throws before the first event.</summary>
    public static GenerationScript Throw(Exception exception) => (_, cancellationToken) => FailAsync(null, exception, cancellationToken);

    /// <summary>One token, then an error.</summary>
    public static GenerationScript SayThenThrow(Exception exception) => (_, cancellationToken) => FailAsync("H", exception, cancellationToken);

    private static GeneratedToken Token(byte value, int? top) => new(
        value,
        new[] { value },
        top is null ? float.NaN : LogProb,
        [.. Enumerable.Range(0, top ?? 0).Select(rank => new TokenLogProb(value + rank, new[] { (byte)(value + rank) }, LogProb - rank))]);

    private static async IAsyncEnumerable<GenerationEvent> FailAsync(
        string? first, Exception exception, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (first is not null)
        {
            yield return new TextGenerated(0, first, []);
        }

        throw exception;
    }
}
