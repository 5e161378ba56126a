namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// Consecutive tokens of one sequence. A stage first truncates the sequence to <paramref name="FirstPosition"/> and then appends,
/// so a step that is sent again does no harm.
/// </summary>
/// <param name="Sequence">The sequence's id, issued by the head.</param>
/// <param name="FirstPosition">The position of the first token; at most the sequence's length.</param>
/// <param name="TokenCount">How many tokens; at least one.</param>
public readonly record struct Segment(long Sequence, int FirstPosition, int TokenCount);
