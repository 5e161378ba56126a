using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Logs;

/// <summary>
/// The rows of bytes of all tokens of all open sequences, in blocks that forked sequences share, as in the KV cache that they are for. A
/// block's memory is taken when it is first written to, and kept for the next sequence that needs one.
/// </summary>
/// <param name="bytesPerToken">Bytes of a row.</param>
/// <param name="blockLength">Tokens per block.</param>
/// <param name="blockCount">Blocks at most.</param>
internal sealed class BoundaryStore(int bytesPerToken, int blockLength, int blockCount)
{
    private readonly byte[]?[] _blocks = new byte[]?[blockCount];
    private readonly Dictionary<long, int> _capacities = [];
    private readonly HashSet<long> _untracked = [];
    private BlockTable? _table;

    /// <summary>Sequences that are open, but of which not all tokens are here.</summary>
    public IReadOnlyCollection<long> Untracked => _untracked;

    /// <summary>Sequences all of whose tokens are here, and how far they may grow.</summary>
    public IReadOnlyDictionary<long, int> Capacities => _capacities;

    /// <summary>Bytes of the blocks that sequences use.</summary>
    public long Bytes => (long)(blockCount - Table.FreeBlocks) * blockLength * bytesPerToken;

    /// <summary>Grows whenever anything changes.</summary>
    public int Version { get; private set; }

    public int BlockLength => blockLength;

    public int BytesPerToken => bytesPerToken;

    private BlockTable Table => _table ??= new BlockTable(blockCount, blockLength, CopyBlock);

    public int LengthOf(long sequence) => Table.LengthOf(sequence);

    public ReadOnlySpan<int> BlocksOf(long sequence) => Table.BlocksOf(sequence);

    /// <summary>Does a step's operations, then stores its segments.</summary>
    /// <param name="operations">In order.</param>
    /// <param name="segments">Each at most up to its sequence's length.</param>
    /// <param name="rows">(tokens, bytesPerToken), segment after segment.</param>
    public void Apply(ReadOnlySpan<SequenceOperation> operations, ReadOnlySpan<Segment> segments, ReadOnlySpan<byte> rows)
    {
        Version++;
        foreach (ref readonly var operation in operations)
        {
            Apply(operation);
        }

        foreach (ref readonly var segment in segments)
        {
            var bytes = checked(segment.TokenCount * bytesPerToken);
            Append(segment, rows[..bytes]);
            rows = rows[bytes..];
        }
    }

    /// <summary>Copies the rows of tokens from a position on.</summary>
    /// <param name="sequence">Is open, and that long.</param>
    /// <param name="position">The first token's.</param>
    /// <param name="rows">(tokens, bytesPerToken)</param>
    public void Read(long sequence, int position, Span<byte> rows)
    {
        while (!rows.IsEmpty)
        {
            var block = RowsAt(sequence, position);
            var bytes = Math.Min(block.Length, rows.Length);
            block[..bytes].CopyTo(rows);
            rows = rows[bytes..];
            position += bytes / bytesPerToken;
        }
    }

    /// <summary>Forgets all, and gives the memory back.</summary>
    public void Clear()
    {
        Version++;
        _table = null;
        _capacities.Clear();
        _untracked.Clear();
        Array.Clear(_blocks);
    }

    private void Apply(in SequenceOperation operation)
    {
        if (operation.Kind == SequenceOperationKind.Close)
        {
            Table.Close(operation.Sequence);
            _capacities.Remove(operation.Sequence);
            _untracked.Remove(operation.Sequence);
        }
        else if (!_untracked.Contains(operation.Sequence))
        {
            Try(operation);
        }
    }

    /// <summary>What makes no sense here did not at the stage either, or is about tokens that are not here: its sequence is given up.</summary>
    private void Try(in SequenceOperation operation)
    {
        try
        {
            switch (operation.Kind)
            {
                case SequenceOperationKind.Open:
                    Table.Open(operation.Sequence);
                    _capacities.Add(operation.Sequence, operation.Capacity);
                    break;
                case SequenceOperationKind.Fork:
                    Table.Fork(operation.Sequence, operation.Source, operation.Position);
                    _capacities.Add(operation.Sequence, operation.Capacity);
                    break;
                case SequenceOperationKind.Truncate:
                    Table.Truncate(operation.Sequence, operation.Position);
                    break;
                default:
                    Untrack(operation.Sequence);
                    break;
            }
        }
        catch (EngineException)
        {
            Untrack(operation.Sequence);
        }
    }

    private void Append(in Segment segment, ReadOnlySpan<byte> rows)
    {
        if (_untracked.Contains(segment.Sequence))
        {
            return;
        }

        try
        {
            Table.Append(segment.Sequence, segment.FirstPosition, segment.TokenCount);
        }
        catch (EngineException)
        {
            Untrack(segment.Sequence);
            return;
        }

        for (var position = segment.FirstPosition; !rows.IsEmpty;)
        {
            var block = RowsAt(segment.Sequence, position);
            var bytes = Math.Min(block.Length, rows.Length);
            rows[..bytes].CopyTo(block);
            rows = rows[bytes..];
            position += bytes / bytesPerToken;
        }
    }

    private void Untrack(long sequence)
    {
        Table.Close(sequence);
        _capacities.Remove(sequence);
        _untracked.Add(sequence);
    }

    /// <summary>The rest of the block that a position is in.</summary>
    private Span<byte> RowsAt(long sequence, int position)
    {
        var (index, inBlock) = Math.DivRem(position, blockLength);
        return Memory(Table.BlocksOf(sequence)[index]).AsSpan(inBlock * bytesPerToken);
    }

    private byte[] Memory(int block) => _blocks[block] ??= GC.AllocateUninitializedArray<byte>(checked(blockLength * bytesPerToken));

    private void CopyBlock(int source, int destination) => Memory(source).AsSpan().CopyTo(Memory(destination));
}
