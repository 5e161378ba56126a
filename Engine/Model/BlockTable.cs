using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Model;

/// <summary>
/// Which blocks of a paged KV cache hold which tokens of which sequence (as in vLLM, arXiv 2309.06180): bookkeeping only, no tensors.
/// Forked sequences share blocks; who writes into a shared block gets a copy of it first.
/// </summary>
public sealed partial class BlockTable
{
    private readonly Dictionary<long, Sequence> _sequences = [];
    private readonly int[] _references;
    private readonly Stack<int> _free;
    private readonly Action<int, int> _copyBlock;

    /// <param name="blockCount">Blocks in the pool.</param>
    /// <param name="blockLength">Tokens per block.</param>
    /// <param name="copyBlock">Copies the contents of one block (first argument) to another (second).</param>
    public BlockTable(int blockCount, int blockLength, Action<int, int> copyBlock)
    {
        BlockLength = blockLength;
        _copyBlock = copyBlock;
        _references = new int[blockCount];
        _free = new Stack<int>(Enumerable.Range(0, blockCount).Reverse());
    }

    /// <summary>Tokens per block.</summary>
    public int BlockLength { get; }

    /// <summary>Blocks that no sequence uses.</summary>
    public int FreeBlocks => _free.Count;

    /// <summary>Open sequences.</summary>
    public int SequenceCount => _sequences.Count;

    public int LengthOf(long sequence) => Find(sequence).Length;

    /// <summary>The blocks of a sequence, in the order of its tokens: a view of its list, good until its next operation or segment.</summary>
    public ReadOnlySpan<int> BlocksOf(long sequence) => CollectionsMarshal.AsSpan(Find(sequence).Blocks);

    /// <summary>Does a batch's operations, then makes room for its segments.</summary>
    /// <exception cref="EngineException"><c>unknown_operation</c>, and what the operation itself throws.</exception>
    public void Apply(StepBatch batch)
    {
        foreach (var operation in batch.Operations)
        {
            Apply(operation);
        }

        foreach (var segment in batch.Segments)
        {
            Append(segment.Sequence, segment.FirstPosition, segment.TokenCount);
        }
    }

    /// <exception cref="EngineException"><c>sequence_exists</c></exception>
    public void Open(long sequence)
    {
        if (!_sequences.TryAdd(sequence, new Sequence()))
        {
            throw new EngineException("sequence_exists", $"sequence {sequence} is open already");
        }
    }

    /// <summary>
    /// Makes <paramref name="sequence"/> a copy of the first <paramref name="length"/> tokens of <paramref name="source"/>, without copying
    /// them.
    /// </summary>
    public void Fork(long sequence, long source, int length)
    {
        var parent = Find(source);
        RequirePosition(source, length, parent.Length);
        Open(sequence);
        var child = Find(sequence);
        var shared = CollectionsMarshal.AsSpan(parent.Blocks)[..BlocksFor(length)];
        child.Blocks.AddRange(shared);
        foreach (var block in shared)
        {
            _references[block]++;
        }

        child.Length = length;
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(long sequence, int length)
    {
        var found = Find(sequence);
        RequirePosition(sequence, length, found.Length);
        Shrink(found, length);
    }

    /// <summary>Frees a sequence's blocks; nothing is done where it is not open.</summary>
    public void Close(long sequence)
    {
        if (_sequences.Remove(sequence, out var found))
        {
            Shrink(found, 0);
        }
    }

    /// <summary>Truncates to <paramref name="firstPosition"/>, then makes room for <paramref name="count"/> tokens behind it.</summary>
    /// <exception cref="EngineException"><c>unknown_sequence</c>, <c>position_gap</c>, <c>kv_cache_full</c>.</exception>
    public void Append(long sequence, int firstPosition, int count)
    {
        Truncate(sequence, firstPosition);
        var found = Find(sequence);
        var length = checked(firstPosition + count);
        RequireFree(found, length);
        OwnLastBlock(found);
        while (found.Blocks.Count < BlocksFor(length))
        {
            found.Blocks.Add(Rent());
        }

        found.Length = length;
    }

    private void Apply(SequenceOperation operation)
    {
        switch (operation.Kind)
        {
            case SequenceOperationKind.Open:
                Open(operation.Sequence);
                break;
            case SequenceOperationKind.Fork:
                Fork(operation.Sequence, operation.Source, operation.Position);
                break;
            case SequenceOperationKind.Truncate:
                Truncate(operation.Sequence, operation.Position);
                break;
            case SequenceOperationKind.Close:
                Close(operation.Sequence);
                break;
            default:
                throw new EngineException("unknown_operation", $"sequence operation {(int)operation.Kind} is unknown; known are 0 to 3");
        }
    }

    private int BlocksFor(int length) => length == 0 ? 0 : ((length - 1) / BlockLength) + 1;

    /// <summary>Whether the last block is written to by this sequence, but not its own.</summary>
    private bool SharesLastBlock(Sequence sequence) => sequence.Length % BlockLength != 0 && _references[sequence.Blocks[^1]] > 1;

    /// <summary>All or nothing: a sequence that does not fit must not keep the blocks that the others need.</summary>
    private void RequireFree(Sequence sequence, int length)
    {
        var needed = BlocksFor(length) - sequence.Blocks.Count + (SharesLastBlock(sequence) ? 1 : 0);
        if (needed > _free.Count)
        {
            throw new EngineException(
                "kv_cache_full",
                $"the KV cache is full: {needed} more blocks of {BlockLength} tokens are needed, {_free.Count} of {_references.Length} are free");
        }
    }

    private void OwnLastBlock(Sequence sequence)
    {
        if (!SharesLastBlock(sequence))
        {
            return;
        }

        var copy = Rent();
        _copyBlock(sequence.Blocks[^1], copy);
        _references[sequence.Blocks[^1]]--;
        sequence.Blocks[^1] = copy;
    }

    private void Shrink(Sequence sequence, int length)
    {
        var keep = BlocksFor(length);
        for (var i = sequence.Blocks.Count - 1; i >= keep; i--)
        {
            Release(sequence.Blocks[i]);
            sequence.Blocks.RemoveAt(i);
        }

        sequence.Length = length;
    }

    private int Rent()
    {
        var block = _free.Pop();
        _references[block] = 1;
        return block;
    }

    private void Release(int block)
    {
        if (--_references[block] == 0)
        {
            _free.Push(block);
        }
    }

    private Sequence Find(long sequence) =>
        _sequences.TryGetValue(sequence, out var found)
            ? found
            : throw new EngineException("unknown_sequence", $"sequence {sequence} is not open");

    private static void RequirePosition(long sequence, int position, int length)
    {
        if (position < 0 || position > length)
        {
            throw new EngineException("position_gap", $"sequence {sequence} has {length} tokens; position {position} is not within 0 to {length}");
        }
    }

    private sealed class Sequence
    {
        public List<int> Blocks { get; } = [];

        public int Length { get; set; }
    }
}
