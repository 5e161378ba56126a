using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// What a stage knows that takes planned steps in their order: each sequence's tokens, and their blocks. It accepts nothing that a real one
/// could not do, and nothing that it would do without being asked to by the contract.
/// </summary>
internal sealed class OrderedStage(int capacityTokens, int blockLength)
{
    private readonly int _blockCount = (capacityTokens + blockLength - 1) / blockLength;
    private readonly BlockTable _blocks = new((capacityTokens + blockLength - 1) / blockLength, blockLength, (_, _) => { });
    private readonly Dictionary<long, (List<int> Tokens, int Capacity)> _sequences = [];
    private readonly HashSet<long> _everOpened = [];
    private bool _hasFailed;

    public int UsedBlocks => _blockCount - _blocks.FreeBlocks;

    /// <summary>Sequences that are open.</summary>
    public int OpenCount => _sequences.Count;

    public IReadOnlyList<int> TokensOf(long sequence) => _sequences[sequence].Tokens;

    /// <summary>Does a step.</summary>
    public void Apply(StepPlan plan)
    {
        plan.Operations.ForEach(Apply);
        var tokens = plan.Tokens.AsEnumerable();
        foreach (var segment in plan.Segments)
        {
            Assert.True(_sequences.TryGetValue(segment.Sequence, out var sequence), $"sequence {segment.Sequence} is not open");
            Assert.Equal(sequence.Tokens.Count, segment.FirstPosition);
            Assert.InRange(segment.FirstPosition + segment.TokenCount, 1, sequence.Capacity);
            _blocks.Append(segment.Sequence, segment.FirstPosition, segment.TokenCount);
            sequence.Tokens.AddRange(tokens.Take(segment.TokenCount));
            tokens = tokens.Skip(segment.TokenCount);
        }
    }

    /// <summary>Does some of the steps' operations, and breaks off; even if it does all, nobody hears of it.</summary>
    public void BreakOff(IEnumerable<StepPlan> plans, Random random)
    {
        _hasFailed = true;
        foreach (var operation in plans.SelectMany(plan => plan.Operations.Take(random.Next(plan.Operations.Count + 1))))
        {
            // What an operation needs may have got lost with an earlier one.
            if (operation.Kind is SequenceOperationKind.Open or SequenceOperationKind.Close)
            {
                Apply(operation);
            }
        }
    }

    /// <summary>It begins anew, and knows nothing.</summary>
    public void Forget()
    {
        _hasFailed = true;
        foreach (var sequence in _sequences.Keys)
        {
            _blocks.Close(sequence);
        }

        _sequences.Clear();
    }

    private void Apply(SequenceOperation operation)
    {
        switch (operation.Kind)
        {
            case SequenceOperationKind.Open:
                Open(operation, []);
                _blocks.Open(operation.Sequence);
                break;
            case SequenceOperationKind.Fork:
                Assert.True(_sequences.TryGetValue(operation.Source, out var source), $"{operation}: the source is not open");
                Assert.InRange(operation.Position, 0, source.Tokens.Count);
                Open(operation, source.Tokens[..operation.Position]);
                _blocks.Fork(operation.Sequence, operation.Source, operation.Position);
                break;
            case SequenceOperationKind.Truncate:
                _blocks.Truncate(operation.Sequence, operation.Position);
                _sequences[operation.Sequence].Tokens.RemoveRange(operation.Position, _sequences[operation.Sequence].Tokens.Count - operation.Position);
                break;
            case SequenceOperationKind.Close:
                Assert.True(_sequences.Remove(operation.Sequence) || _hasFailed, $"{operation}: it is not open");
                _blocks.Close(operation.Sequence);
                break;
            default:
                Assert.Fail($"unknown operation {operation}");
                break;
        }
    }

    private void Open(SequenceOperation operation, List<int> tokens)
    {
        Assert.True(_everOpened.Add(operation.Sequence), $"{operation}: opened twice");
        _sequences.Add(operation.Sequence, (tokens, operation.Capacity));
    }
}
