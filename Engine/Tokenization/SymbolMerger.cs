namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// Merges neighbouring symbols, best pair first and leftmost among equals, until no pair is left: the algorithm of byte-pair encoding
/// (Sennrich et al. 2016), which SentencePiece's BPE shares. A queue of candidates and a linked list of symbols make it O(n log n).
/// For one thread; used again and again for one word after the other.
/// </summary>
internal sealed class SymbolMerger(MergeTable merges)
{
    private const int Dead = int.MinValue;
    private readonly PriorityQueue<Candidate, ulong> _queue = new();
    private Symbol[] _symbols = new Symbol[64];
    private int _count;

    public bool IsEmpty => _count == 0;

    public void Clear() => _count = 0;

    /// <summary>Appends a symbol.</summary>
    /// <param name="id">Its number in the table of merges; negative if it merges with nothing.</param>
    /// <param name="origin">What the caller wants to find with the symbol if it stays alone.</param>
    public void Add(int id, int origin)
    {
        if (_count == _symbols.Length)
        {
            Array.Resize(ref _symbols, checked(_count * 2));
        }

        _symbols[_count] = new Symbol { Id = id, Origin = origin, Previous = _count - 1, Next = _count + 1 };
        _count++;
    }

    public void Merge()
    {
        for (var i = 1; i < _count; i++)
        {
            Offer(i - 1, i);
        }

        while (_queue.TryDequeue(out var candidate, out _))
        {
            // Both symbols are still what they were when they were offered, or one has been merged since.
            if (_symbols[candidate.Left].Id == candidate.LeftId && _symbols[candidate.Right].Id == candidate.RightId)
            {
                Join(candidate);
            }
        }
    }

    /// <summary>The symbols that are left, in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    private void Join(in Candidate candidate)
    {
        ref var left = ref _symbols[candidate.Left];
        ref var right = ref _symbols[candidate.Right];
        left.Id = candidate.Result;
        left.Next = right.Next;
        right.Id = Dead;
        if (left.Next < _count)
        {
            _symbols[left.Next].Previous = candidate.Left;
            Offer(candidate.Left, left.Next);
        }

        if (left.Previous >= 0)
        {
            Offer(left.Previous, candidate.Left);
        }
    }

    private void Offer(int left, int right)
    {
        var (leftId, rightId) = (_symbols[left].Id, _symbols[right].Id);
        if (merges.TryGet(leftId, rightId, out var merge) && merge.Result >= 0)
        {
            var order = ((ulong)(uint)merge.Priority << 32) | (uint)left;
            _queue.Enqueue(new Candidate(left, right, leftId, rightId, merge.Result), order);
        }
    }

    /// <summary>Walks over the symbols that are left.</summary>
    public struct Enumerator(SymbolMerger merger)
    {
        private int _next;

        /// <summary>The symbol's number and its origin.</summary>
        public (int Id, int Origin) Current { get; private set; }

        public bool MoveNext()
        {
            if (_next >= merger._count)
            {
                return false;
            }

            ref var symbol = ref merger._symbols[_next];
            Current = (symbol.Id, symbol.Origin);
            _next = symbol.Next;
            return true;
        }
    }

    private readonly record struct Candidate(int Left, int Right, int LeftId, int RightId, int Result);

    private struct Symbol
    {
        public int Id;
        public int Origin;
        public int Previous;
        public int Next;
    }
}
