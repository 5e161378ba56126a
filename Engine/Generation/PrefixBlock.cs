namespace ManagedSwarm.Engine.Generation;

/// <summary>A full block of tokens that the stages hold and that requests may begin with: a node of the tree of prefixes.</summary>
internal sealed class PrefixBlock
{
    /// <param name="hash">Its name.</param>
    /// <param name="parent">The block before it; null: it is the first.</param>
    public PrefixBlock(PrefixHash hash, PrefixBlock? parent)
    {
        (Hash, Parent) = (hash, parent);
        Depth = (parent?.Depth ?? 0) + 1;
        Place = new LinkedListNode<PrefixBlock>(this);
        parent?.Children.Add(this);
    }

    public PrefixHash Hash { get; }

    public PrefixBlock? Parent { get; }

    /// <summary>The blocks that stand behind it.</summary>
    public List<PrefixBlock> Children { get; } = [];

    /// <summary>Blocks up to and with this one.</summary>
    public int Depth { get; }

    /// <summary>Requests in flight that have it in their prompt: it must stay.</summary>
    public int Pins { get; set; }

    /// <summary>The kept sequence whose last block this is; 0: none, its children's keepers have it too. Every leaf has one.</summary>
    public long Keeper { get; set; }

    /// <summary>Its place among the blocks that nobody has pinned.</summary>
    public LinkedListNode<PrefixBlock> Place { get; }
}
