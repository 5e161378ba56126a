using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Engine.Planning;

/// <summary>Everything that a split depends on. Immutable.</summary>
public sealed record SplitProblem
{
    /// <summary>More than any model has; what a search takes grows with their square.</summary>
    public const int MaxLayers = 1024;

    private const int MaxTokens = 1 << 30;
    private const int MaxRequests = 4096;

    public required ModelShape Shape { get; init; }

    /// <summary>In the order in which stages shall follow each other where nothing else decides it.</summary>
    public required IReadOnlyList<NodeProfile> Nodes { get; init; }

    public LinkMatrix Links { get; init; } = new();

    /// <summary>Tokens of context for which <see cref="ModelShape.KvBytesPerLayer"/> counts; for messages.</summary>
    public int Context { get; init; }

    public SplitObjective Objective { get; init; } = SplitObjective.ReplyTime;

    /// <summary>Nodes other than the head that must hold layers, at least.</summary>
    public int MinWorkers { get; init; }

    /// <summary>Whether the head may hold layers.</summary>
    public bool HeadHoldsLayers { get; init; } = true;

    /// <summary>What one value of a hidden state takes on the wire.</summary>
    public double WireBytesPerValue { get; init; } = sizeof(float);

    /// <summary>Frame, copies and wake-ups of each hop, in milliseconds.</summary>
    public double HopOverheadMs { get; init; } = 0.25;

    /// <summary>Tokens of the prompt whose first token is predicted.</summary>
    public int PromptTokens { get; init; } = 512;

    /// <summary>Tokens of a prompt that go through the stages together.</summary>
    public int ChunkTokens { get; init; } = GeneratorOptions.DefaultPromptTokensPerStepInFlight;

    /// <summary>Requests at once for which throughput is predicted.</summary>
    public int Requests { get; init; } = 8;

    /// <summary>The node that owns embedding and output.</summary>
    public NodeProfile Head => Nodes.Single(node => node.IsHead);

    /// <summary>Requests that share a step where as many groups are in flight as there are nodes.</summary>
    internal int RowsPerGroup => (Requests + Math.Min(Nodes.Count, Requests) - 1) / Math.Min(Nodes.Count, Requests);

    /// <summary>The head first, where it may hold layers, then the others as given.</summary>
    internal IEnumerable<NodeProfile> Holders => Nodes.Where(node => node.IsHead && HeadHoldsLayers).Concat(Nodes.Where(node => !node.IsHead));

    /// <summary>Refuses what is no problem.</summary>
    /// <exception cref="EngineException"><c>invalid_value</c>, <c>not_enough_memory</c></exception>
    public void Validate()
    {
        Shape.Validate();
        RequireNodes();
        Require(MinWorkers, 0, int.MaxValue, "number of workers");
        Require(PromptTokens, 1, MaxTokens, "number of tokens of the prompt");
        Require(ChunkTokens, 1, MaxTokens, "number of tokens of a chunk");
        Require(Requests, 1, MaxRequests, "number of requests");
        Require(WireBytesPerValue, 0, double.MaxValue, "number of bytes per value");
        Require(HopOverheadMs, 0, double.MaxValue, "time of a hop");
    }

    private void RequireNodes()
    {
        foreach (var node in Nodes)
        {
            node.Validate();
        }

        if (Nodes.GroupBy(node => node.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new EngineException("invalid_value", $"two nodes have the id '{twice.Key}'; each needs one of its own");
        }

        if (Nodes.Count(node => node.IsHead) is var heads and not 1)
        {
            throw new EngineException("invalid_value", $"{heads} of {Nodes.Count} nodes are heads; exactly one must be");
        }
    }

    private static void Require(double found, double least, double most, string what)
    {
        if (!(found >= least && found <= most))
        {
            throw new EngineException("invalid_value", FormattableString.Invariant($"the {what} is {found}; allowed are {least} to {most}"));
        }
    }
}
