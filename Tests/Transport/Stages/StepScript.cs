using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>
/// Steps as a head could send them, drawn: sequences are opened, forked, truncated and closed, some tokens come again, some steps have
/// operations alone. The same seed gives the same steps.
/// </summary>
internal sealed class StepScript(int seed, int hiddenSize)
{
    private const int MaxSequences = 6;
    private const int MaxLength = 90;

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<long, int> _lengths = [];
    private long _nextSequence;
    private long _step;

    public StepBatch Next()
    {
        var operations = new List<SequenceOperation>();
        for (var count = _random.Next(3); count > 0; count--)
        {
            AddOperation(operations);
        }

        var segments = _random.Next(8) == 0 ? [] : Segments();
        var batch = new StepBatch(++_step, 0, operations, segments, hiddenSize);
        foreach (ref var value in batch.Hidden.Span)
        {
            value = (float)((_random.NextDouble() * 2) - 1);
        }

        return batch;
    }

    /// <summary>Runs steps through a stage, several in flight.</summary>
    /// <param name="stage">Computes them.</param>
    /// <param name="seed">Of the steps.</param>
    /// <param name="hiddenSize">Floats per token.</param>
    /// <param name="steps">How many.</param>
    /// <param name="inFlight">How many at once.</param>
    /// <param name="happens">What happens before a step, counted from 0, is sent.</param>
    /// <returns>The hidden states of each.</returns>
    public static async Task<float[][]> RunAsync(
        IStage stage, int seed, int hiddenSize, int steps, int inFlight, IReadOnlyDictionary<int, Func<ValueTask>>? happens = null)
    {
        var script = new StepScript(seed, hiddenSize);
        var results = new List<float[]>();
        var waiting = new Queue<Task<StepBatch>>();
        for (var i = 0; i < steps || waiting.Count > 0; i++)
        {
            if (happens?.GetValueOrDefault(i) is { } happen)
            {
                await happen();
            }

            if (i < steps)
            {
                waiting.Enqueue(stage.StepAsync(script.Next(), TestContext.Current.CancellationToken).AsTask());
            }

            if (waiting.Count >= inFlight || i >= steps)
            {
                using var result = await waiting.Dequeue();
                Assert.Equal(results.Count + 1, result.Step);
                results.Add(result.Hidden.ToArray());
            }
        }

        return [.. results];
    }

    private void AddOperation(List<SequenceOperation> operations)
    {
        var some = _lengths.Count == 0 ? -1 : _lengths.Keys.ElementAt(_random.Next(_lengths.Count));
        switch (_random.Next(5))
        {
            case 0 when some >= 0:
                operations.Add(SequenceOperation.Close(some));
                _lengths.Remove(some);
                break;
            case 1 when some >= 0:
                _lengths[some] = _random.Next(_lengths[some] + 1);
                operations.Add(SequenceOperation.Truncate(some, _lengths[some]));
                break;
            case 2 when some >= 0 && _lengths.Count < MaxSequences:
                _lengths[++_nextSequence] = _random.Next(_lengths[some] + 1);
                operations.Add(SequenceOperation.Fork(_nextSequence, some, _lengths[_nextSequence], MaxLength));
                break;
            default:
                if (_lengths.Count < MaxSequences)
                {
                    _lengths[++_nextSequence] = 0;
                    operations.Add(SequenceOperation.Open(_nextSequence, MaxLength));
                }

                break;
        }
    }

    private List<Segment> Segments()
    {
        var segments = new List<Segment>();
        foreach (var sequence in _lengths.Keys.Where(_ => _random.Next(3) != 0).ToArray())
        {
            // Now and then, some tokens once more.
            var first = Math.Max(0, _lengths[sequence] - (_random.Next(5) == 0 ? _random.Next(4) : 0));
            var count = Math.Min(_random.Next(3) == 0 ? _random.Next(1, 20) : 1, MaxLength - first);
            if (count > 0)
            {
                segments.Add(new Segment(sequence, first, count));
                _lengths[sequence] = first + count;
            }
        }

        return segments;
    }
}
