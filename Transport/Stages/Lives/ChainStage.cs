using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>What a head knows of one of its stages.</summary>
/// <param name="node">What its worker is called.</param>
/// <param name="layers">What it has.</param>
/// <param name="options">How long things may take.</param>
/// <param name="now">When it begins.</param>
internal class ChainStage(string node, LayerRange layers, StageOptions options, TimeSpan now)
{
    /// <summary>Which one, since the chain was last linked or changed.</summary>
    public int Index { get; set; }

    public string Node { get; } = node;

    public LayerRange Layers { get; private set; } = layers;

    /// <summary>Whether it lives.</summary>
    public Pulse Pulse { get; } = new(options, now);

    public StageState State { get; set; } = StageState.Fetching;

    public StageProgress Progress { get; set; } = new(StageState.Fetching, 0, 0);

    /// <summary>When it said the last time how far its load is; before it has, when it began.</summary>
    public TimeSpan Advanced { get; set; } = now;

    /// <summary>What it said when it was ready; null: it is not.</summary>
    public ControlMessage.Ready? Ready { get; set; }

    /// <summary>Whether its worker is gone, and nobody has its layers yet.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether its worker is about to leave.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether it does not have the sequences of the others.</summary>
    public bool IsFresh { get; set; } = true;

    /// <summary>What it takes from others in the next epoch, or in this one until it has its place; none: it is told what it does not know.</summary>
    public IReadOnlyList<ChainTake> Takes { get; set; } = [];

    /// <summary>Whether it is told all sequences anew by the stage before, and forgets its own.</summary>
    public bool IsToBeTold => IsFresh && Takes.Count == 0;

    /// <summary>
    /// Whether it has sequences without having computed what came behind its last layer: it cannot tell the next stage all of them before it
    /// has been told them itself.
    /// </summary>
    public bool LacksLog { get; set; }

    /// <summary>Whether it has its place in the epoch.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>Why it is asked just now if it lives; null: it is not.</summary>
    public StageFault? Suspicion { get; set; }

    /// <summary>How often it was under suspicion since a step was answered.</summary>
    public int Suspicions { get; set; }

    /// <summary>The last step that it has computed, as it said last; -1: none.</summary>
    public long Done { get; set; } = -1;

    /// <summary>Has only some of its layers from now on.</summary>
    public virtual void Narrow(LayerRange layers)
    {
        // Hidden states behind another layer are no longer those that the next stage would have to be told.
        LacksLog |= layers.End != Layers.End;
        Layers = layers;
    }

    /// <summary>Where something is wrong: <c>stage 1 (layers 4..7 on ada)</c>.</summary>
    public override string ToString() => $"stage {Index} (layers {Layers} on {Node})";
}
