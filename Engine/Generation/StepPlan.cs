using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What one step does.</summary>
/// <param name="Operations">Done before the segments, in order.</param>
/// <param name="Segments">At most one per sequence.</param>
/// <param name="Tokens">The segments' tokens, segment after segment.</param>
/// <param name="Rows">Which hidden states become logits.</param>
internal sealed record StepPlan(
    IReadOnlyList<SequenceOperation> Operations,
    IReadOnlyList<Segment> Segments,
    int[] Tokens,
    IReadOnlyList<StepRow> Rows);

/// <summary>A hidden state that is needed.</summary>
/// <param name="Index">Which of the step's tokens.</param>
/// <param name="Readers">Who chooses a token by it: behind a prompt all choices, else one.</param>
internal sealed record StepRow(int Index, IReadOnlyList<Sequence> Readers);
