using System.Diagnostics;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Which prefixes of past and present requests the stages still hold, block by block, as a tree. The head alone knows it: to the stages,
/// a kept prefix is one more sequence (a fork, which shares its blocks), a hit is a fork of that, and eviction is its truncation or end.
/// So stages need no index, and do the same on every machine.
/// One kept sequence, the keeper, ends at each leaf; it has all blocks of its path. A block is idle where no request in flight has it in its
/// prompt; idle blocks go, least recently used first and children before parents, when their room is needed.
/// A cache belongs to one set of stages, and so to one model and one type of keys and values.
/// </summary>
internal sealed class PrefixCache(int blockLength, bool isEnabled, OperationQueue operations)
{
    private readonly PrefixHasher _hasher = new(blockLength);
    private readonly Dictionary<PrefixHash, PrefixBlock> _blocks = [];

    // Least recently used first. Whatever comes in, comes in from the deepest block up to its first: so children always go before parents.
    private readonly LinkedList<PrefixBlock> _idle = new();

    /// <summary>Blocks that requests in flight have in their prompts.</summary>
    public int PinnedBlocks => _blocks.Count - _idle.Count;

    /// <summary>Blocks that nobody needs now.</summary>
    public int IdleBlocks => _idle.Count;

    /// <summary>Names the blocks of a new group's prompt.</summary>
    public void Name(SequenceGroup group) => group.Hashes = isEnabled ? _hasher.OfPrompt(group) : [];

    /// <summary>
    /// Pins, behind the blocks that the group has pinned already, those that are here by now. Never all of the prompt: the logits behind its
    /// last token are needed.
    /// </summary>
    /// <returns>How many.</returns>
    public int Pin(SequenceGroup group)
    {
        var before = group.PrefixBlocks;
        while (CanReuse(group, group.PrefixBlocks) && _blocks.TryGetValue(group.Hashes[group.PrefixBlocks], out var block))
        {
            if (block.Pins++ == 0)
            {
                _idle.Remove(block.Place);
            }

            group.Prefix = block;
        }

        return group.PrefixBlocks - before;
    }

    /// <summary>Unpins all blocks of a group: they are the most recently used of those that are idle by it.</summary>
    public void Unpin(SequenceGroup group)
    {
        for (var block = group.Prefix; block is not null; block = block.Parent)
        {
            if (--block.Pins == 0)
            {
                _idle.AddLast(block.Place);
            }
        }

        group.Prefix = null;
    }

    /// <summary>
    /// Keeps the full blocks that a sequence has computed: those of its prompt pinned by its group, those of its reply, if it is over, idle.
    /// What is here already from another sequence that computed the same tokens at the same time is not kept twice, nor is what follows it
    /// (it stands behind blocks that are not the tree's): rare, because prompts wait for each other.
    /// </summary>
    /// <returns>How many blocks of the prompt.</returns>
    public int Keep(Sequence sequence)
    {
        var group = sequence.Group;
        var (before, depth) = (group.Prefix, group.PrefixBlocks);
        var tail = before;
        for (var block = depth; isEnabled && block < sequence.Computed / blockLength; block++)
        {
            var isPrompt = block < group.Hashes.Length;
            var hash = isPrompt ? group.Hashes[block] : _hasher.OfBlock(tail?.Hash ?? default, sequence, block);
            if ((!isPrompt && sequence.State != SequenceState.Over) || _blocks.ContainsKey(hash))
            {
                break;
            }

            tail = new PrefixBlock(hash, tail);
            _blocks.Add(hash, tail);
            if (isPrompt)
            {
                tail.Pins = 1;
                group.Prefix = tail;
            }
        }

        AddKeeper(sequence, before, tail);
        for (var block = tail; block != group.Prefix; block = block!.Parent)
        {
            _idle.AddLast(block!.Place);
        }

        return group.PrefixBlocks - depth;
    }

    /// <summary>A sequence of the stages that has a block and all before it.</summary>
    public static long KeeperOf(PrefixBlock block)
    {
        while (block.Keeper == 0)
        {
            block = block.Children[0];
        }

        return block.Keeper;
    }

    /// <summary>Frees the least recently used idle block; there is one.</summary>
    public void Evict()
    {
        var block = _idle.First!.Value;
        Debug.Assert(block.Children.Count == 0, "children are evicted before parents");
        _idle.RemoveFirst();
        _blocks.Remove(block.Hash);
        block.Parent?.Children.Remove(block);
        if (block.Parent is { Children.Count: 0 } parent)
        {
            parent.Keeper = block.Keeper;
            operations.Truncate(parent.Keeper, parent.Depth * blockLength);
        }
        else
        {
            operations.Close(block.Keeper);
        }
    }

    /// <summary>Forgets everything, without telling the stages.</summary>
    /// <returns>The keepers that they may hold.</returns>
    public IReadOnlyList<long> Clear()
    {
        List<long> keepers = [.. _blocks.Values.Select(block => block.Keeper).Where(keeper => keeper != 0)];
        _blocks.Clear();
        _idle.Clear();
        return keepers;
    }

    /// <summary>Whether a group may take a block of its prompt from somebody else: a full one, and not the one with the last token.</summary>
    public bool CanReuse(SequenceGroup group, int block) => block < Math.Min(group.Hashes.Length, (group.Prompt.Count - 1) / blockLength);

    private void AddKeeper(Sequence sequence, PrefixBlock? before, PrefixBlock? tail)
    {
        if (tail is null || tail == before)
        {
            return;
        }

        tail.Keeper = operations.NewId();
        operations.Fork(tail.Keeper, sequence.Id, tail.Depth * blockLength);
        if (before is { Keeper: not 0 })
        {
            operations.Close(before.Keeper);
            before.Keeper = 0;
        }
    }
}
