using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Logs;

/// <summary>
/// Steps that give a fresh stage the sequences of a store. Sequences that share blocks share them there, too: the longest is computed first,
/// and the others begin as forks of it. So each block is computed once, and a source always is as long as what is forked.
/// </summary>
/// <param name="store">Must stay as it is.</param>
/// <param name="hiddenSize">Floats per token.</param>
/// <param name="tokensPerStep">Tokens of a step at most.</param>
internal sealed class Replay(BoundaryStore store, int hiddenSize, int tokensPerStep)
{
    private readonly int _version = store.Version;
    private readonly Dictionary<int, long> _computedBy = [];
    private readonly List<SequenceOperation> _operations = [];
    private readonly List<Segment> _segments = [];
    private byte[] _rows = [];
    private int _tokens;

    /// <exception cref="InvalidOperationException">The store has changed since the replay began.</exception>
    public IEnumerable<ReplayStep> Steps()
    {
        foreach (var (sequence, length) in Order())
        {
            var (source, position) = FindShared(sequence, length);
            if (position > 0 && _segments.Exists(segment => segment.Sequence == source))
            {
                // A step's operations come before its segments, whose tokens are to be forked.
                yield return Take();
            }

            Begin(sequence, source, position);
            while (position < length)
            {
                if (_tokens == tokensPerStep)
                {
                    yield return Take();
                }

                position += Add(sequence, position, length - position);
            }
        }

        if (_operations.Count + _segments.Count > 0)
        {
            yield return Take();
        }
    }

    /// <summary>A fork is never longer than what it is forked from.</summary>
    private List<(long Sequence, int Length)> Order()
    {
        var sequences = store.Capacities.Keys.Select(sequence => (Sequence: sequence, Length: store.LengthOf(sequence)));
        return [.. sequences.OrderByDescending(sequence => sequence.Length).ThenBy(sequence => sequence.Sequence)];
    }

    /// <summary>How much of a sequence has been computed for another one, and which. Who shares a block shares all before it, too.</summary>
    private (long Source, int Length) FindShared(long sequence, int length)
    {
        RequireUnchanged();
        var blocks = store.BlocksOf(sequence);
        var (source, shared) = (0L, 0);
        while (shared < blocks.Length && _computedBy.TryGetValue(blocks[shared], out var owner))
        {
            (source, shared) = (owner, shared + 1);
        }

        foreach (var block in blocks[shared..])
        {
            _computedBy.Add(block, sequence);
        }

        return (source, Math.Min(length, shared * store.BlockLength));
    }

    private void Begin(long sequence, long source, int position)
    {
        var capacity = store.Capacities[sequence];
        _operations.Add(position == 0 ? SequenceOperation.Open(sequence, capacity) : SequenceOperation.Fork(sequence, source, position, capacity));
    }

    private int Add(long sequence, int position, int left)
    {
        RequireUnchanged();
        var count = Math.Min(left, tokensPerStep - _tokens);
        var (start, end) = (checked(_tokens * store.BytesPerToken), checked((_tokens + count) * store.BytesPerToken));
        if (_rows.Length < end)
        {
            Array.Resize(ref _rows, end);
        }

        store.Read(sequence, position, _rows.AsSpan(start, end - start));
        _segments.Add(new(sequence, position, count));
        _tokens += count;
        return count;
    }

    private ReplayStep Take()
    {
        var step = new ReplayStep(
            hiddenSize, _operations.ToArray(), _segments.ToArray(), _rows.AsMemory(0, _tokens * store.BytesPerToken));
        _operations.Clear();
        _segments.Clear();
        _tokens = 0;
        return step;
    }

    private void RequireUnchanged()
    {
        if (store.Version != _version)
        {
            throw new InvalidOperationException("the log has changed while it is replayed");
        }
    }
}
