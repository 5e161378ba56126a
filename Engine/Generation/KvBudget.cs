namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Who has reserved how many blocks of the KV cache. A request reserves all that it may ever need before it begins, so that no reply
/// can run out of cache in its middle. Its choices share the prompt's full blocks; the rest each has for itself.
/// </summary>
internal sealed class KvBudget(int capacityTokens, int blockLength)
{
    /// <summary>All blocks.</summary>
    public int Total { get; } = BlocksFor(capacityTokens, blockLength);

    /// <summary>Reserved blocks.</summary>
    public int Used { get; private set; }

    /// <summary>The blocks that a request needs.</summary>
    public int NeedOf(SequenceGroup group) => checked(Shared(group) + (group.Sequences.Count * Own(group)));

    public bool TryReserve(SequenceGroup group)
    {
        var need = NeedOf(group);
        if (need > Total - Used)
        {
            return false;
        }

        Used += need;
        return true;
    }

    /// <summary>Gives back what a sequence had for itself; with the last of a group, what they shared.</summary>
    public void Release(Sequence sequence) => Used -= Own(sequence.Group) + (sequence.Group.IsOver ? Shared(sequence.Group) : 0);

    private static int BlocksFor(int tokens, int blockLength) => (int)(((long)tokens + blockLength - 1) / blockLength);

    private int Shared(SequenceGroup group) => group.Prompt.Count / blockLength;

    private int Own(SequenceGroup group) => BlocksFor(group.Capacity, blockLength) - Shared(group);
}
