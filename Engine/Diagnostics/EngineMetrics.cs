using System.Diagnostics.Metrics;

namespace ManagedSwarm.Engine.Diagnostics;

/// <summary>
/// What the engine measures. Names that begin with <c>gen_ai</c>, and their buckets, are OpenTelemetry's
/// (semantic conventions for generative AI metrics, status: development); the others are ours.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "ManagedSwarm.Engine";

    private static readonly KeyValuePair<string, object?> Prompt = new("type", "prompt");
    private static readonly KeyValuePair<string, object?> Generated = new("type", "generated");

    private readonly Meter _meter;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerOutputToken;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _prefixQueries;
    private readonly Counter<long> _prefixHits;

    /// <param name="meters">Makes the meter; null: nobody does, it is made here.</param>
    /// <param name="queueLength">Asked when somebody collects.</param>
    /// <param name="activeSequences">Asked when somebody collects.</param>
    /// <param name="kvUsage">Asked when somebody collects; 0 to 1.</param>
    /// <param name="prefixUsage">Asked when somebody collects; 0 to 1.</param>
    public EngineMetrics(
        IMeterFactory? meters, Func<int> queueLength, Func<int> activeSequences, Func<double> kvUsage, Func<double> prefixUsage)
    {
        _meter = meters?.Create(new MeterOptions(MeterName)) ?? new Meter(MeterName);
        _timeToFirstToken = _meter.CreateHistogram(
            "gen_ai.server.time_to_first_token",
            "s",
            "From a request's arrival to its first token.",
            advice: Buckets(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10));
        _timePerOutputToken = _meter.CreateHistogram(
            "gen_ai.server.time_per_output_token",
            "s",
            "Mean time per token behind the first, one value per reply.",
            advice: Buckets(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5));
        _tokens = _meter.CreateCounter<long>("managedswarm.tokens", "{token}", "Tokens of prompts that were computed, and of replies.");
        _prefixQueries = _meter.CreateCounter<long>(
            "managedswarm.prefix_cache.queries", "{token}", "Tokens of prompts that were looked up in the prefix cache.");
        _prefixHits = _meter.CreateCounter<long>(
            "managedswarm.prefix_cache.hits", "{token}", "Tokens of prompts that were found in the prefix cache, and not computed.");
        _meter.CreateObservableGauge("managedswarm.queue.length", queueLength, "{request}", "Requests that wait for room.");
        _meter.CreateObservableGauge("managedswarm.sequences.active", activeSequences, "{sequence}", "Sequences in flight.");
        _meter.CreateObservableGauge("managedswarm.kv_cache.usage", kvUsage, "1", "Reserved part of the KV cache.");
        _meter.CreateObservableGauge(
            "managedswarm.prefix_cache.usage", prefixUsage, "1", "Part of the KV cache that keeps prefixes which no request in flight has.");
    }

    /// <summary>A request's prompt is done, and its first token chosen.</summary>
    /// <param name="elapsed">Since the request came.</param>
    /// <param name="promptTokens">All of the prompt.</param>
    /// <param name="cachedTokens">Those of them that were in the prefix cache; null: there is none.</param>
    public void FirstToken(TimeSpan elapsed, int promptTokens, int? cachedTokens)
    {
        _timeToFirstToken.Record(elapsed.TotalSeconds);
        _tokens.Add(promptTokens - (cachedTokens ?? 0), Prompt);
        if (cachedTokens is { } hits)
        {
            _prefixQueries.Add(promptTokens);
            _prefixHits.Add(hits);
        }
    }

    public void TokenGenerated() => _tokens.Add(1, Generated);

    /// <summary>A reply is over.</summary>
    /// <param name="sinceFirstToken">From its first token to its last.</param>
    /// <param name="tokens">All its tokens.</param>
    public void ReplyFinished(TimeSpan sinceFirstToken, int tokens)
    {
        if (tokens > 1)
        {
            _timePerOutputToken.Record(sinceFirstToken.TotalSeconds / (tokens - 1));
        }
    }

    public void Dispose() => _meter.Dispose();

    private static InstrumentAdvice<double> Buckets(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}
