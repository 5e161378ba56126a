using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What one step does. It is filled again for each step, so that planning allocates nothing.</summary>
internal sealed class StepPlan
{
    /// <summary>Done before the segments, in order.</summary>
    public List<SequenceOperation> Operations { get; } = [];

    /// <summary>At most one per sequence.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>The segments' tokens, segment after segment.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>Which hidden states become logits.</summary>
    public List<StepRow> Rows { get; } = [];

    public void Clear()
    {
        Operations.Clear();
        Segments.Clear();
        Tokens.Clear();
        Rows.Clear();
    }

    /// <summary>Adds tokens of a sequence from where it has been computed to, and a row where they are its last.</summary>
    public void Add(Sequence sequence, int count)
    {
        Segments.Add(new Segment(sequence.Id, sequence.Computed, count));
        for (var i = 0; i < count; i++)
        {
            Tokens.Add(sequence[sequence.Computed + i]);
        }

        sequence.Computed += count;
        if (sequence.Computed == sequence.Length)
        {
            Rows.Add(new StepRow(Tokens.Count - 1, sequence, sequence.State == SequenceState.Prompt));
        }
    }
}

/// <summary>A hidden state that is needed.</summary>
/// <param name="Index">Which of the step's tokens.</param>
/// <param name="Sequence">Whose.</param>
/// <param name="IsPromptEnd">Whether it stands behind a prompt.</param>
internal readonly record struct StepRow(int Index, Sequence Sequence, bool IsPromptEnd)
{
    /// <summary>Who chooses a token by it: behind a prompt all choices, else one.</summary>
    public ReadOnlySpan<Sequence> Readers => IsPromptEnd ? Sequence.Group.Sequences : Sequence.Group.Sequences.Slice(Sequence.Choice, 1);
}
