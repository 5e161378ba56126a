using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A stage's place in its chain, from an epoch on: the head says it anew each time that the chain changes.</summary>
/// <param name="Epoch">The plan's.</param>
/// <param name="Stage">Which of the plan's stages on workers, from 0 on.</param>
/// <param name="StageCount">How many these are; behind the last one comes the head.</param>
/// <param name="Previous">Who sends this stage's steps: the stage before it, or the head.</param>
/// <param name="Next">Who gets them: the stage behind it, or the head.</param>
/// <param name="IsFresh">Whether it is to forget all sequences: they are told to it anew by the stage before.</param>
/// <param name="ReplaysNext">Whether the next stage is to be told the sequences that it does not have.</param>
/// <param name="Answered">The last step whose result the head has; -1: none.</param>
internal sealed record StageLinks(
    int Epoch, int Stage, int StageCount, PeerId Previous, StagePeer Next, bool IsFresh, bool ReplaysNext, long Answered)
{
    /// <summary>What a stage takes from others, at most.</summary>
    public const int MaxTakes = 8;

    /// <summary>The layers that it keeps: all others it gives away; null: it keeps all.</summary>
    public LayerRange? Kept { get; init; }

    /// <summary>Where it takes the keys and values of all its layers from, before it has its place; none: it does not.</summary>
    public IReadOnlyList<StageTake> Takes { get; init; } = [];

    public bool IsLast => Stage == StageCount - 1;
}
