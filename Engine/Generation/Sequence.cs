namespace ManagedSwarm.Engine.Generation;

/// <summary>How far a sequence has come.</summary>
internal enum SequenceState
{
    /// <summary>Its request waits for room.</summary>
    Waiting = 0,

    /// <summary>The stages compute its prompt, or will; or, for all but the leader, somebody else's of the same tokens.</summary>
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

    /// <summary>Which choice of its request, from 0.</summary>
    public int Choice { get; } = choice;

    public SequenceState State { get; set; }

    /// <summary>Issued when the stages first hear of it; 0: they have not.</summary>
    public long Id { get; set; }

    /// <summary>Tokens that are in the KV caches, or on their way.</summary>
    public int Computed { get; set; }

    /// <summary>Whether nothing but its last token is to be computed: it goes on, token by token.</summary>
    public bool IsReady => State == SequenceState.Reply && Id != 0 && Computed == Length - 1;

    /// <summary>Whether it was restarted, and more than its last token is to be computed anew.</summary>
    public bool IsBehind => State == SequenceState.Reply && Computed < Length - 1;

    /// <summary>Tokens of prompt and reply.</summary>
    public int Length => Group.Prompt.Count + _reply.Count;

    public int this[int position] => position < Group.Prompt.Count ? Group.Prompt[position] : _reply[position - Group.Prompt.Count];

    /// <summary>A token was chosen: the sequence goes on with it, unless it was cancelled in the meantime.</summary>
    public void Append(int token)
    {
        if (State != SequenceState.Over)
        {
            State = SequenceState.Reply;
            Group.Restarts = 0;
            _reply.Add(token);
        }
    }

    /// <summary>There is room for it: it is computed from here on.</summary>
    public void Begin() => State = _reply.Count > 0 ? SequenceState.Reply : SequenceState.Prompt;

    /// <summary>It waits for room, and the stages know nothing of it.</summary>
    public void WaitAgain() => (State, Id, Computed) = (SequenceState.Waiting, 0, 0);
}
