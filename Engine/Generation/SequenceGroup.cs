namespace ManagedSwarm.Engine.Generation;

/// <summary>The sequences of one request: one per choice, all beginning with the same prompt.</summary>
internal class SequenceGroup
{
    private readonly Sequence[] _sequences;

    public SequenceGroup(IReadOnlyList<int> prompt, int maxTokens, int choices)
    {
        Prompt = prompt;
        MaxTokens = maxTokens;
        _sequences = [.. Enumerable.Range(0, choices).Select(choice => new Sequence(this, choice))];
    }

    public IReadOnlyList<int> Prompt { get; }

    /// <summary>Tokens that each choice may generate.</summary>
    public int MaxTokens { get; }

    /// <summary>Tokens that each sequence may have.</summary>
    public int Capacity => checked(Prompt.Count + MaxTokens);

    public ReadOnlySpan<Sequence> Sequences => _sequences;

    /// <summary>The names of the prompt's full blocks; none where there is no prefix cache.</summary>
    public PrefixHash[] Hashes { get; set; } = [];

    /// <summary>The last of the prompt's blocks that it has pinned in the prefix cache; null: it has none.</summary>
    public PrefixBlock? Prefix { get; set; }

    /// <summary>The prompt's blocks that it has pinned in the prefix cache.</summary>
    public int PrefixBlocks => Prefix?.Depth ?? 0;

    /// <summary>Tokens of the prompt that were not computed for it, because the stages held them already.</summary>
    public int CachedTokens { get; set; }

    public bool IsOver
    {
        get
        {
            foreach (var sequence in _sequences)
            {
                if (sequence.State != SequenceState.Over)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
