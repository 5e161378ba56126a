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
        Leader = _sequences[0];
    }

    public IReadOnlyList<int> Prompt { get; }

    /// <summary>Tokens that each choice may generate.</summary>
    public int MaxTokens { get; }

    /// <summary>Tokens that each sequence may have.</summary>
    public int Capacity => checked(Prompt.Count + MaxTokens);

    public ReadOnlySpan<Sequence> Sequences => _sequences;

    /// <summary>Computes the prompt for all: the first choice, or, where it was over when they were restarted, the next that was not.</summary>
    public Sequence Leader { get; private set; }

    /// <summary>Whether the stages have ever heard of it.</summary>
    public bool HasBegun { get; set; }

    /// <summary>How often it was restarted since one of its choices has gone on.</summary>
    public int Restarts { get; set; }

    /// <summary>The names of the prompt's full blocks; none where there is no prefix cache.</summary>
    public PrefixHash[] Hashes { get; set; } = [];

    /// <summary>The last of the prompt's blocks that it has pinned in the prefix cache; null: it has none.</summary>
    public PrefixBlock? Prefix { get; set; }

    /// <summary>The prompt's blocks that it has pinned in the prefix cache.</summary>
    public int PrefixBlocks => Prefix?.Depth ?? 0;

    /// <summary>Tokens of the prompt that were not computed for it, because the stages held them already.</summary>
    public int CachedTokens { get; set; }

    public bool IsOver => RunningChoices == 0;

    /// <summary>Choices that are not over.</summary>
    public int RunningChoices
    {
        get
        {
            var count = 0;
            foreach (var sequence in _sequences)
            {
                count += sequence.State != SequenceState.Over ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Choices that are not over wait again, to be computed from the first token on: the stages know nothing of them any more.</summary>
    public void WaitAgain()
    {
        Prefix = null;
        for (var i = _sequences.Length - 1; i >= 0; i--)
        {
            if (_sequences[i].State != SequenceState.Over)
            {
                _sequences[i].WaitAgain();
                Leader = _sequences[i];
            }
        }
    }
}
