using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What the stages must be told with the next step, in order. Issues the ids of sequences.</summary>
internal sealed class OperationQueue
{
    private readonly List<SequenceOperation> _operations = [];
    private long _lastId;

    public int Count => _operations.Count;

    public long NewId() => ++_lastId;

    public void Fork(long sequence, long source, int length) => _operations.Add(SequenceOperation.Fork(sequence, source, length, length));

    public void Truncate(long sequence, int length) => AddInstead(SequenceOperation.Truncate(sequence, length));

    public void Close(long sequence) => AddInstead(SequenceOperation.Close(sequence));

    /// <summary>Hands all over.</summary>
    public void MoveTo(List<SequenceOperation> operations)
    {
        operations.AddRange(_operations);
        _operations.Clear();
    }

    /// <summary>
    /// A step has failed, and nobody knows what the stages hold: whatever they may have heard of, or were to hear of, is to be closed
    /// instead. Closing what is not open does nothing.
    /// </summary>
    /// <param name="failed">The operations of the step that failed.</param>
    /// <param name="others">Further sequences.</param>
    public void CloseAll(IEnumerable<SequenceOperation> failed, IEnumerable<long> others)
    {
        var sequences = failed.Concat(_operations).Select(operation => operation.Sequence).Concat(others).Distinct().ToList();
        _operations.Clear();
        sequences.ForEach(Close);
    }

    /// <summary>Adds what makes a truncation of the same sequence just before it needless.</summary>
    private void AddInstead(SequenceOperation operation)
    {
        if (_operations is [.., { Kind: SequenceOperationKind.Truncate } last] && last.Sequence == operation.Sequence)
        {
            _operations.RemoveAt(_operations.Count - 1);
        }

        _operations.Add(operation);
    }
}
