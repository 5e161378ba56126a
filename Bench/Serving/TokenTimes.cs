using System.Diagnostics;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Bench.Serving;

/// <summary>When a request's tokens came, in seconds since it was asked.</summary>
internal sealed record TokenTimes(long Asked, IReadOnlyList<long> Came)
{
    /// <summary>Seconds to the first token.</summary>
    public double ToFirst => Stopwatch.GetElapsedTime(Asked, Came[0]).TotalSeconds;

    /// <summary>Asks for a reply of so many tokens, and notes when each comes.</summary>
    /// <param name="generator">Whom to ask.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="tokens">How many tokens.</param>
    /// <param name="token">
    /// The token that is always chosen. It has text of its own: tokens of half a character, or without text, would come with later ones.
    /// </param>
    public static async Task<TokenTimes> AskAsync(IGenerator generator, IReadOnlyList<int> prompt, int tokens, int token)
    {
        var request = new GenerationRequest
        {
            Prompt = prompt,
            MaxTokens = tokens,
            IgnoreEos = true,
            Sampling = new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [token] = 100 } },
        };
        var asked = Stopwatch.GetTimestamp();
        var came = new List<long>(tokens);
        await foreach (var generationEvent in generator.GenerateAsync(request, CancellationToken.None))
        {
            if (generationEvent is TextGenerated text)
            {
                var now = Stopwatch.GetTimestamp();
                came.AddRange(text.Tokens.Select(_ => now));
            }
        }

        return new TokenTimes(asked, came);
    }

    /// <summary>Tokens per second of all replies together, while all of them ran: from the last first token to the first last one.</summary>
    public static double Rate(IReadOnlyList<TokenTimes> replies)
    {
        var (begin, end) = (replies.Max(reply => reply.Came[0]), replies.Min(reply => reply.Came[^1]));
        var tokens = replies.Sum(reply => reply.Came.Count(time => time > begin && time <= end));
        return tokens / Stopwatch.GetElapsedTime(begin, end).TotalSeconds;
    }
}
