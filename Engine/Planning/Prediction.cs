namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// What a plan should reach. With C_i(n) the time of stage i for a step of n tokens (the head's with output matrix and sampling), x_j(n)
/// the time that n hidden states keep link j busy, and h_j(n) = latency + x_j(n) + overhead the time of hop j, where the last hop returns to
/// the head:
/// <list type="bullet">
/// <item>one reply, per token: sum C_i(1) + sum h_j(1). More stages never divide compute: each token goes through all of them.</item>
/// <item>first token of a prompt in n chunks of c tokens: sum C_i(c) + sum h_j(c) + (n - 1) · max(C_i(c), x_j(c)), and the output
/// matrix once. Chunks follow each other, so all but the first cost what the slowest stage or link takes.</item>
/// <item>G requests in m groups of b = ceil(G / m) rows, tokens per second: G / max(m · max(C_i(b), x_j(b)), sum C_i(b) + sum h_j(b)), for
/// the best m. Beyond the smallest m that fills the round trip, more groups only read the weights more often.</item>
/// </list>
/// Not in it: attention's growth with the context, queues, and whatever else runs on the nodes.
/// </summary>
public sealed record Prediction
{
    /// <summary>One reply alone, each token.</summary>
    public required double MsPerToken { get; init; }

    /// <summary>Tokens of the prompt that <see cref="MsToFirstToken"/> is about.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>From the prompt to its first token, on idle nodes.</summary>
    public required double MsToFirstToken { get; init; }

    /// <summary>Requests at once that <see cref="TokensPerSecond"/> is about.</summary>
    public required int Requests { get; init; }

    /// <summary>Of all requests together.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Groups of requests in flight that reach it.</summary>
    public required int Groups { get; init; }

    /// <summary>
    /// The slowest stage or link, for a group where there are as many groups as nodes: what <see cref="SplitObjective.Throughput"/> makes small.
    /// </summary>
    public required double BottleneckMs { get; init; }

    /// <summary>Whether a node's times were not measured but estimated from its memory's bandwidth.</summary>
    public required bool IsEstimated { get; init; }
}
