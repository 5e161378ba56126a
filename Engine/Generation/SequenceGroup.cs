namespace ManagedSwarm.Engine.Generation;

/// <summary>The sequences of one request: one per choice, all beginning with the same prompt.</summary>
internal class SequenceGroup
{
    public SequenceGroup(IReadOnlyList<int> prompt, int maxTokens, int choices)
    {
        Prompt = prompt;
        MaxTokens = maxTokens;
        Sequences = [.. Enumerable.Range(0, choices).Select(choice => new Sequence(this, choice))];
    }

    public IReadOnlyList<int> Prompt { get; }

    /// <summary>Tokens that each choice may generate.</summary>
    public int MaxTokens { get; }

    /// <summary>Tokens that each sequence may have.</summary>
    public int Capacity => checked(Prompt.Count + MaxTokens);

    public IReadOnlyList<Sequence> Sequences { get; }

    public bool IsOver => Sequences.All(sequence => sequence.State == SequenceState.Over);
}
