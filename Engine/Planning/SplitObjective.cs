namespace ManagedSwarm.Engine.Planning;

/// <summary>What a split is to be good at.</summary>
public enum SplitObjective
{
    /// <summary>The time per token of one reply alone: the sum of all compute and all hops.</summary>
    ReplyTime = 0,

    /// <summary>Tokens per second of many requests: the slowest stage or link is what they wait for.</summary>
    Throughput = 1,
}
