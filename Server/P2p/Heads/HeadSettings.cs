using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>How a model is spread over the swarm, as its user asked for.</summary>
internal sealed record HeadSettings
{
    /// <summary>Null: a model that fits into this machine's memory stays whole, and another one is split by memory.</summary>
    public ISplitStrategy? Strategy { get; init; }

    public SplitObjective Objective { get; init; } = SplitObjective.ReplyTime;

    /// <summary>Nodes other than this one that must hold layers, at least.</summary>
    public int MinWorkers { get; init; }

    /// <summary>Whether this node may hold layers.</summary>
    public bool HoldsLayers { get; init; } = true;

    /// <summary>What hidden states are sent as.</summary>
    public WireType Wire { get; init; } = WireType.F32;

    /// <summary>
    /// Bytes of hidden states that this node and each worker remember when they have sent them on, at most: what a lost worker has to be told
    /// is told from there, and of longer sequences by their tokens.
    /// </summary>
    public long RecoveryLog { get; init; } = 256L << 20;

    /// <summary>Members without layers that keep the weights of all that workers have.</summary>
    public int Spares { get; init; }

    /// <summary>Tokens that <see cref="RecoveryLog"/> is enough for: no more than there can be.</summary>
    public int LoggedTokensOf(int capacityTokens, int hiddenSize) =>
        (int)Math.Min(capacityTokens, RecoveryLog / HiddenStates.BytesPerToken(Wire, hiddenSize));

    /// <summary>Whether workers that come later get some of the others' layers, where that pays.</summary>
    public bool TakesLateWorkers { get; init; } = true;

    /// <summary>How long a split waits for members to show up where no number of workers is asked for.</summary>
    public SwarmSettling Settling { get; init; } = new();
}
