namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Who has which blocks of the KV cache. A request reserves all that it may ever need before it begins, so that no reply can run out of
/// cache in its middle. Its choices share the prompt's full blocks; the rest each has for itself. Blocks that the prefix cache has are
/// counted there, once, whoever shares them; those that nobody needs yield to whoever reserves.
/// </summary>
internal sealed class KvBudget(int capacityTokens, int blockLength, PrefixCache prefixes)
{
    // For what is not in the prefix cache.
    private int _reserved;

    /// <summary>All blocks.</summary>
    public int Total { get; } = BlocksFor(capacityTokens, blockLength);

    /// <summary>Blocks that requests in flight have, or will need.</summary>
    public int Used => _reserved + prefixes.PinnedBlocks;

    /// <summary>Blocks of prefixes that no request in flight has.</summary>
    public int Idle => prefixes.IdleBlocks;

    /// <summary>The blocks that a request needs where it shares none with others.</summary>
    public int NeedOf(SequenceGroup group) => checked(Shared(group) + (group.Sequences.Length * Own(group)));

    /// <summary>Reserves what a request needs beside the prefix that is cached, and evicts other prefixes for it.</summary>
    public bool TryReserve(SequenceGroup group)
    {
        prefixes.Pin(group);
        var need = NeedOf(group) - group.PrefixBlocks;
        if (need > Total - Used)
        {
            prefixes.Unpin(group);
            return false;
        }

        _reserved += need;
        while (Idle > Total - Used)
        {
            prefixes.Evict();
        }

        return true;
    }

    /// <summary>Takes what others have computed since it was admitted, for a request that has not begun.</summary>
    public void TakeMore(SequenceGroup group) => _reserved -= prefixes.Pin(group);

    /// <summary>Lets others share what a sequence has computed; a reply, only when it is over.</summary>
    public void Share(Sequence sequence) => _reserved -= prefixes.Keep(sequence);

    /// <summary>Gives back what a sequence that is over had for itself; with the last of a group, what they shared.</summary>
    public void Release(Sequence sequence)
    {
        var group = sequence.Group;
        _reserved -= Own(group);
        if (group.IsOver)
        {
            _reserved -= Shared(group) - group.PrefixBlocks;
            prefixes.Unpin(group);
        }
    }

    /// <summary>Nobody has anything any more.</summary>
    /// <returns>The sequences that the stages may hold for the prefix cache.</returns>
    public IReadOnlyList<long> Clear()
    {
        _reserved = 0;
        return prefixes.Clear();
    }

    private static int BlocksFor(int tokens, int blockLength) => (int)(((long)tokens + blockLength - 1) / blockLength);

    private int Shared(SequenceGroup group) => group.Prompt.Count / blockLength;

    private int Own(SequenceGroup group) => BlocksFor(group.Capacity, blockLength) - Shared(group);
}
