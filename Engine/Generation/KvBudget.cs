using System.Diagnostics;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Who has which blocks of the KV cache. A request reserves all that it may ever need before it begins, so that no reply can run out of
/// cache in its middle. Its choices share the prompt's full blocks; the rest each has for itself. Blocks that the prefix cache has are
/// counted there, once, whoever shares them; those that nobody needs yield, not to reservations (many requests end long before the most
/// that they may say), but to what a step really takes.
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
    public int NeedOf(SequenceGroup group) => checked(Shared(group) + (group.RunningChoices * Own(group)));

    /// <summary>Reserves what a request needs beside the prefix that is cached.</summary>
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
        return true;
    }

    /// <summary>
    /// Evicts idle prefixes until there is room for all that sequences have computed, or will have with the step that is planned.
    /// </summary>
    /// <param name="active">All in flight; the choices of a request stand together.</param>
    public void MakeRoom(IReadOnlyList<Sequence> active)
    {
        var held = 0;
        SequenceGroup? last = null;
        for (var i = 0; i < active.Count; i++)
        {
            var group = active[i].Group;
            held += group == last ? 0 : PromptHeldBy(group);
            held += active[i].Id == 0 ? 0 : Math.Max(0, BlocksFor(active[i].Computed, blockLength) - Shared(group));
            last = group;
        }

        Debug.Assert(held <= _reserved, "nobody takes more than was reserved");
        while (Idle > 0 && held + prefixes.PinnedBlocks + Idle > Total)
        {
            prefixes.Evict();
        }
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

    /// <summary>The full blocks of a prompt that are not in the prefix cache, as far as they are computed.</summary>
    private int PromptHeldBy(SequenceGroup group)
    {
        var leader = group.Leader;
        return leader.Id == 0 ? 0 : Math.Min(BlocksFor(leader.Computed, blockLength), Shared(group)) - group.PrefixBlocks;
    }

    private static int BlocksFor(int tokens, int blockLength) => (int)(((long)tokens + blockLength - 1) / blockLength);

    private int Shared(SequenceGroup group) => group.Prompt.Count / blockLength;

    private int Own(SequenceGroup group) => BlocksFor(group.Capacity, blockLength) - Shared(group);
}
