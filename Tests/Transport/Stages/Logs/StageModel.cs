using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Stages.Logs;

/// <summary>A stage that keeps the bytes that came for each token, in the simplest way; and which blocks it would have them in.</summary>
internal sealed class StageModel(int hiddenSize, WireType wire, int blockLength, int blocks)
{
    private readonly int _bytesPerToken = (int)HiddenStates.BytesPerToken(wire, hiddenSize);
    private readonly BlockTable _table = new(blocks, blockLength, (_, _) => { });

    public Dictionary<long, (int Capacity, List<byte[]> Rows)> Sequences { get; } = [];

    public int UsedBlocks => blocks - _table.FreeBlocks;

    /// <summary>Computes a step; fails where it makes no sense.</summary>
    public void Step(StepBatch batch, bool hasFailed)
    {
        Do(batch.Operations.ToArray());
        if (!hasFailed)
        {
            var rows = new byte[batch.TokenCount * _bytesPerToken];
            HiddenStates.Encode(wire, batch.Hidden.Span, hiddenSize, rows);
            Append(batch.Segments.ToArray(), rows);
        }
    }

    /// <summary>Computes a part of a replay: no token of it may be there already.</summary>
    public void Step(ReplayStep step)
    {
        Do(step.Operations.ToArray());
        Assert.All(step.Segments.ToArray(), segment => Assert.Equal(Sequences[segment.Sequence].Rows.Count, segment.FirstPosition));
        Append(step.Segments.ToArray(), step.Hidden.ToArray());
    }

    /// <summary>Compares all sequences but some, byte for byte.</summary>
    public void AssertEqual(StageModel other, IReadOnlyCollection<long> except)
    {
        Assert.Equal(Sequences.Keys.Except(except).Order(), other.Sequences.Keys.Order());
        foreach (var (sequence, (capacity, rows)) in other.Sequences)
        {
            Assert.Equal(Sequences[sequence].Capacity, capacity);
            Assert.Equal(Sequences[sequence].Rows.SelectMany(row => row), rows.SelectMany(row => row));
        }
    }

    private void Do(SequenceOperation[] operations)
    {
        foreach (var operation in operations)
        {
            switch (operation.Kind)
            {
                case SequenceOperationKind.Open:
                    _table.Open(operation.Sequence);
                    Sequences.Add(operation.Sequence, (operation.Capacity, []));
                    break;
                case SequenceOperationKind.Fork:
                    _table.Fork(operation.Sequence, operation.Source, operation.Position);
                    Sequences.Add(operation.Sequence, (operation.Capacity, Sequences[operation.Source].Rows[..operation.Position]));
                    break;
                case SequenceOperationKind.Truncate:
                    _table.Truncate(operation.Sequence, operation.Position);
                    Truncate(operation.Sequence, operation.Position);
                    break;
                default:
                    _table.Close(operation.Sequence);
                    Sequences.Remove(operation.Sequence);
                    break;
            }
        }
    }

    private void Append(Segment[] segments, byte[] rows)
    {
        var token = 0;
        foreach (var segment in segments)
        {
            _table.Append(segment.Sequence, segment.FirstPosition, segment.TokenCount);
            Truncate(segment.Sequence, segment.FirstPosition);
            for (var i = 0; i < segment.TokenCount; i++, token++)
            {
                Sequences[segment.Sequence].Rows.Add(rows[(token * _bytesPerToken)..((token + 1) * _bytesPerToken)]);
            }
        }

        Assert.Equal(token * _bytesPerToken, rows.Length);
    }

    private void Truncate(long sequence, int length)
    {
        var rows = Sequences[sequence].Rows;
        Assert.InRange(length, 0, rows.Count);
        rows.RemoveRange(length, rows.Count - length);
    }
}
