using System.Threading.Channels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// A stage of <see cref="ToyModel"/> that keeps each sequence's tokens, counts KV blocks with the real block table, and takes note of
/// everything that a real stage must be able to rely on and could not. Gated, each step waits until the test lets it go, and all before it;
/// where one fails, so do those that came before anybody could know.
/// </summary>
internal sealed class ToyStage(int capacityTokens, int blockLength = 4, bool isGated = false) : IStage
{
    private readonly Channel<ToyStep> _steps = Channel.CreateUnbounded<ToyStep>();
    private readonly Dictionary<long, (List<int> Tokens, int Capacity)> _sequences = [];
    private readonly BlockTable _blocks = new((capacityTokens + blockLength - 1) / blockLength, blockLength, (_, _) => { });
    private readonly HashSet<long> _everOpened = [];
    private readonly List<string> _violations = [];
    private Task _before = Task.CompletedTask;
    private long _lastStep;
    private int _failures;

    public LayerRange Layers => new(0, 1);

    public int StepsInFlight { get; set; } = 1;

    public IReadOnlyList<string> Violations => _violations;

    public int StepCount { get; private set; }

    public int LargestStep { get; private set; }

    /// <summary>Blocks that its sequences have.</summary>
    public int UsedBlocks => ((capacityTokens + blockLength - 1) / blockLength) - _blocks.FreeBlocks;

    /// <summary>Where the next step breaks off; then there are no more faults.</summary>
    public ToyFault NextFault { get; set; }

    /// <summary>The step that waits now, or the next that will; gated only.</summary>
    public ValueTask<ToyStep> NextAsync(CancellationToken cancellationToken) => _steps.Reader.ReadAsync(cancellationToken);

    public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        var (before, done, failures) = (_before, new TaskCompletionSource(), _failures);
        _before = done.Task;
        try
        {
            if (isGated)
            {
                var step = new ToyStep(batch.Operations.ToArray(), batch.Segments.ToArray());
                _steps.Writer.TryWrite(step);
                await step.Gate.WaitAsync(cancellationToken);
            }

            await before;
            BreakOff(failures == _failures ? ToyFault.None : ToyFault.BeforeOperations, ToyFault.BeforeOperations);
            Step(batch);
            return batch;
        }
        catch
        {
            _failures++;
            batch.Dispose();
            throw;
        }
        finally
        {
            done.SetResult();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Whether it knows all that a step is about.</summary>
    public bool Knows(StepBatch batch)
    {
        var known = _sequences.Keys.ToHashSet();
        foreach (var operation in batch.Operations)
        {
            if (operation.Kind is SequenceOperationKind.Fork or SequenceOperationKind.Truncate
                && !known.Contains(operation.Kind == SequenceOperationKind.Fork ? operation.Source : operation.Sequence))
            {
                return false;
            }

            known.Add(operation.Sequence);
        }

        return batch.Segments.ToArray().All(segment => known.Contains(segment.Sequence));
    }

    /// <summary>It begins anew, and knows nothing.</summary>
    public void Forget()
    {
        _failures++;
        foreach (var sequence in _sequences.Keys)
        {
            _blocks.Close(sequence);
        }

        _sequences.Clear();
    }

    private void Step(StepBatch batch)
    {
        Demand(batch.Step > _lastStep, $"step {batch.Step} behind {_lastStep}");
        Demand(batch.Operations.Length + batch.Segments.Length > 0, "an empty step");
        Demand(batch.Segments.ToArray().DistinctBy(segment => segment.Sequence).Count() == batch.Segments.Length, "two segments of one sequence");
        var fault = NextFault;
        NextFault = ToyFault.None;
        BreakOff(fault, ToyFault.BeforeOperations);
        _lastStep = batch.Step;
        StepCount++;
        LargestStep = Math.Max(LargestStep, batch.TokenCount);
        foreach (var operation in batch.Operations)
        {
            Apply(operation);
        }

        BreakOff(fault, ToyFault.BeforeSegments);
        var hidden = batch.Hidden.Span;
        foreach (var segment in batch.Segments)
        {
            Run(segment, hidden[..(segment.TokenCount * ToyModel.HiddenSize)]);
            hidden = hidden[(segment.TokenCount * ToyModel.HiddenSize)..];
        }

        BreakOff(fault, ToyFault.Behind);
    }

    private static void BreakOff(ToyFault fault, ToyFault here)
    {
        if (fault == here)
        {
            throw new IOException("the cable was pulled");
        }
    }

    private void Apply(SequenceOperation operation)
    {
        switch (operation.Kind)
        {
            case SequenceOperationKind.Open:
                Demand(_everOpened.Add(operation.Sequence), $"sequence {operation.Sequence} opened twice");
                _blocks.Open(operation.Sequence);
                _sequences[operation.Sequence] = ([], operation.Capacity);
                break;
            case SequenceOperationKind.Fork:
                Demand(_everOpened.Add(operation.Sequence), $"sequence {operation.Sequence} opened twice");
                _blocks.Fork(operation.Sequence, operation.Source, operation.Position);
                _sequences[operation.Sequence] = ([.. _sequences[operation.Source].Tokens.Take(operation.Position)], operation.Capacity);
                break;
            case SequenceOperationKind.Truncate:
                _blocks.Truncate(operation.Sequence, operation.Position);
                _sequences[operation.Sequence].Tokens.RemoveRange(operation.Position, _sequences[operation.Sequence].Tokens.Count - operation.Position);
                break;
            case SequenceOperationKind.Close:
                Demand(_sequences.Remove(operation.Sequence) || _failures > 0, $"sequence {operation.Sequence} closed, but not open");
                _blocks.Close(operation.Sequence);
                break;
            default:
                Demand(false, $"operation {operation.Kind} is not expected");
                break;
        }
    }

    private void Run(Segment segment, Span<float> hidden)
    {
        Demand(_sequences.TryGetValue(segment.Sequence, out var sequence), $"sequence {segment.Sequence} is not open");
        var (tokens, capacity) = sequence;
        Demand(segment.TokenCount > 0, "an empty segment");
        Demand(segment.FirstPosition == tokens.Count, $"position {segment.FirstPosition} with {tokens.Count} tokens");
        Demand(segment.FirstPosition + segment.TokenCount <= capacity, $"sequence {segment.Sequence} grows over its {capacity} tokens");
        _blocks.Append(segment.Sequence, segment.FirstPosition, segment.TokenCount);
        for (var i = 0; i < segment.TokenCount; i++)
        {
            var state = hidden.Slice(i * ToyModel.HiddenSize, ToyModel.HiddenSize);
            tokens.Add((int)state[0]);
            ToyModel.WriteHash(ToyModel.HashOf(tokens), state);
            if (tokens.Contains(ToyModel.Poison))
            {
                state.Fill(float.NaN);
            }
        }
    }

    private void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            _violations.Add(otherwise);
            throw new InvalidOperationException(otherwise);
        }
    }
}

/// <summary>How much of a step is done when it breaks off.</summary>
internal enum ToyFault
{
    None = 0,
    BeforeOperations = 1,
    BeforeSegments = 2,
    Behind = 3,
}

/// <summary>A step at the gate.</summary>
internal sealed class ToyStep(IReadOnlyList<SequenceOperation> operations, IReadOnlyList<Segment> segments)
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<SequenceOperation> Operations { get; } = operations;

    public IReadOnlyList<Segment> Segments { get; } = segments;

    public Task Gate => _gate.Task;

    public void Release() => _gate.SetResult();

    public void Fail(Exception error) => _gate.SetException(error);
}
