namespace ManagedSwarm.Engine.Generation;

/// <summary>How far a sequence has come.</summary>
internal enum SequenceState
{
    /// <summary>Its request waits for room.</summary>
    Waiting = 0,

    /// <summary>The stages compute its prompt, or will; or, for all but the first choice, somebody else's of the same tokens.</summary>
    Prompt = 1,

    /// <summary>It generates.</summary>
    Reply = 2,

    /// <summary>It is over; the stages may have to be told yet.</summary>
    Over = 3,
}

/// <summary>The tokens of one choice, and how many of them the stages' KV caches hold; the scheduler's view of it.</summary>
internal sealed class Sequence(SequenceGroup group, int choice)
{
    private readonly List<int> _reply = [];

    public SequenceGroup Group { get; } = group;

    /// <summary>Which choice of its request, from 0; the first computes the prompt for all.</summary>
    public int Choice { get; } = choice;

    public SequenceState State { get; set; }

    /// <summary>Issued when the stages first hear of it; 0: they have not.</summary>
    public long Id { get; set; }

    /// <summary>Tokens that are in the KV caches, or on their way.</summary>
    public int Computed { get; set; }

    /// <summary>Tokens of prompt and reply.</summary>
    public int Length => Group.Prompt.Count + _reply.Count;

    public int this[int position] => position < Group.Prompt.Count ? Group.Prompt[position] : _reply[position - Group.Prompt.Count];

    /// <summary>A token was chosen: the sequence goes on with it, unless it was cancelled in the meantime.</summary>
    public void Append(int token)
    {
        if (State != SequenceState.Over)
        {
            State = SequenceState.Reply;
            _reply.Add(token);
        }
    }
}
