namespace ManagedSwarm.Bench.Federation;

/// <summary>
/// The blocks of prompts that an instance has kept; the least recently used are dropped, of one prompt its last ones first, as the engine's
/// prefix cache does.
/// </summary>
/// <param name="capacity">Blocks.</param>
internal sealed class MockCache(int capacity)
{
    private const int BlockTokens = 64;

    private readonly Lock _gate = new();
    private readonly LinkedList<ulong> _recent = new();
    private readonly Dictionary<ulong, LinkedListNode<ulong>> _blocks = [];

    /// <summary>Keeps the full blocks of a prompt.</summary>
    /// <returns>Tokens that were kept before.</returns>
    public int Use(IReadOnlyList<int> prompt)
    {
        var hashes = Hash(prompt);
        lock (_gate)
        {
            var known = hashes.TakeWhile(_blocks.ContainsKey).Count() * BlockTokens;
            for (var i = hashes.Count - 1; i >= 0; i--)
            {
                Keep(hashes[i]);
            }

            while (_blocks.Count > capacity)
            {
                _blocks.Remove(_recent.First!.Value);
                _recent.RemoveFirst();
            }

            return Math.Min(known, prompt.Count - 1);
        }
    }

    /// <summary>A number for each full block and all before it.</summary>
    private static List<ulong> Hash(IReadOnlyList<int> prompt)
    {
        var (hash, hashes) = (14695981039346656037UL, new List<ulong>());
        for (var i = 0; i < prompt.Count; i++)
        {
            hash = (hash ^ (ulong)prompt[i]) * 1099511628211;
            if ((i + 1) % BlockTokens == 0)
            {
                hashes.Add(hash);
            }
        }

        return hashes;
    }

    private void Keep(ulong block)
    {
        if (_blocks.TryGetValue(block, out var node))
        {
            _recent.Remove(node);
        }

        _blocks[block] = _recent.AddLast(block);
    }
}
