namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Which beginnings of prompts were sent where, as far as is remembered: the least recently used are forgotten, as instances' own caches do.
/// What is remembered has a bound; nothing else than numbers is kept.
/// </summary>
/// <param name="capacity">Blocks that are remembered for certain; there are at most twice as many.</param>
internal sealed class PrefixMemory(int capacity = 64 << 10)
{
    // What was used since the last change of generations, and what was in the one before.
    private HashSet<ulong> _young = [];
    private HashSet<ulong> _old = [];

    /// <summary>How many of a prompt's blocks, from the first on, were sent to a peer.</summary>
    public int CountKnown(IReadOnlyList<ulong> blocks, Candidate peer)
    {
        var count = 0;
        while (count < blocks.Count && IsKnown(StableHash.Combine(blocks[count], peer.Key)))
        {
            count++;
        }

        return count;
    }

    /// <summary>All of a prompt's blocks are sent to a peer.</summary>
    public void Add(IReadOnlyList<ulong> blocks, Candidate peer)
    {
        foreach (var block in blocks)
        {
            Use(StableHash.Combine(block, peer.Key));
        }
    }

    private bool IsKnown(ulong entry) => _young.Contains(entry) || _old.Contains(entry);

    private void Use(ulong entry)
    {
        if (_young.Add(entry) && _young.Count >= capacity)
        {
            (_young, _old) = ([], _young);
        }
    }
}
