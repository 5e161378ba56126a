using System.Diagnostics;

namespace ManagedSwarm.Bench.Decode;

/// <summary>Time per token behind contexts of different lengths.</summary>
internal sealed class ContextDepth
{
    private readonly EngineSession _session;
    private readonly int _tokens;

    /// <param name="session">Has room for all contexts, and <paramref name="tokens"/> more for each.</param>
    /// <param name="depths">Tokens of context, each a sequence of its own.</param>
    /// <param name="tokens">How many tokens are timed.</param>
    public ContextDepth(EngineSession session, IEnumerable<int> depths, int tokens)
    {
        (_session, _tokens) = (session, tokens);
        foreach (var depth in depths)
        {
            session.Open(depth, depth + tokens);
            session.Prompt(depth, session.RandomTokens(depth));
        }
    }

    /// <summary>Seconds per token behind a context of so many tokens.</summary>
    public double Measure(int depth)
    {
        Decode(depth, 1);
        return Decode(depth, _tokens) / _tokens;
    }

    private double Decode(int depth, int tokens)
    {
        var chosen = _session.RandomTokens(tokens);
        _session.Truncate(depth, depth);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < tokens; i++)
        {
            _session.Append([depth], chosen.AsSpan(i, 1), LogitRows.LastOfEach);
        }

        return watch.Elapsed.TotalSeconds;
    }
}
