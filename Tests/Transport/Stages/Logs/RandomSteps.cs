using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages.Logs;

/// <summary>Steps that a head might send: it knows which sequences are open, and how long they are.</summary>
internal sealed class RandomSteps(Random random, int hiddenSize, int maxLength)
{
    private const int MaxOpen = 8;

    private readonly Dictionary<long, int> _lengths = [];
    private long _step;
    private long _sequence;

    /// <summary>The next step, and whether it fails.</summary>
    public (StepBatch Batch, bool HasFailed) Next()
    {
        List<SequenceOperation> operations = [];
        for (var count = random.Next(4); count > 0; count--)
        {
            operations.AddRange(Operation());
        }

        var hasFailed = random.Next(8) == 0;
        List<Segment> segments = [];
        foreach (var sequence in _lengths.Keys.Where(_ => random.Next(2) == 0).ToList())
        {
            segments.AddRange(Segment(sequence));
        }

        if (!hasFailed)
        {
            segments.ForEach(segment => _lengths[segment.Sequence] = segment.FirstPosition + segment.TokenCount);
        }

        var batch = new StepBatch(_step++, 0, operations, segments, hiddenSize);
        foreach (ref var value in batch.Hidden.Span)
        {
            value = random.NextSingle() - 0.5f;
        }

        return (batch, hasFailed);
    }

    private IEnumerable<SequenceOperation> Operation()
    {
        var any = _lengths.Count == 0 ? -1 : _lengths.Keys.ElementAt(random.Next(_lengths.Count));
        switch (random.Next(5))
        {
            case 0 when _lengths.Count < MaxOpen:
                _lengths.Add(++_sequence, 0);
                yield return SequenceOperation.Open(_sequence, random.Next(1, 1_000));
                break;
            case 1 or 2 when any >= 0 && _lengths.Count < MaxOpen:
                var position = random.Next(2) == 0 ? _lengths[any] : random.Next(_lengths[any] + 1);
                _lengths.Add(++_sequence, position);
                yield return SequenceOperation.Fork(_sequence, any, position, random.Next(1, 1_000));
                break;
            case 3 when any >= 0:
                _lengths[any] = random.Next(_lengths[any] + 1);
                yield return SequenceOperation.Truncate(any, _lengths[any]);
                break;
            case 4 when any >= 0 && random.Next(2) == 0:
                _lengths.Remove(any);
                yield return SequenceOperation.Close(any);
                break;
            default:
                break;
        }
    }

    private IEnumerable<Segment> Segment(long sequence)
    {
        var position = random.Next(4) == 0 ? random.Next(_lengths[sequence] + 1) : _lengths[sequence];
        var count = random.Next(3) == 0 ? random.Next(1, 12) : 1;
        if (position + count <= maxLength)
        {
            yield return new Segment(sequence, position, count);
        }
    }
}
