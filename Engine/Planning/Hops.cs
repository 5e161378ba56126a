namespace ManagedSwarm.Engine.Planning;

/// <summary>What hidden states take on their way from node to node, in milliseconds.</summary>
internal sealed class Hops(SplitProblem problem)
{
    private readonly double _bytesPerToken = problem.Shape.HiddenSize * problem.WireBytesPerValue;

    /// <summary>From the sender's end of computing to the receiver's beginning: latency, transfer, and the overhead of a hop.</summary>
    public double Ms(string from, string to, int tokens) =>
        from == to ? 0 : problem.Links[from, to].LatencyMs + BusyMs(from, to, tokens) + problem.HopOverheadMs;

    /// <summary>How long the link is taken, and can carry nothing else.</summary>
    public double BusyMs(string from, string to, int tokens) => from == to ? 0 : problem.Links[from, to].TransferMs(_bytesPerToken * tokens);
}
