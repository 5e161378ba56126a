using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>
/// A stage each of whose layers answers to a token by all tokens of its sequence before it, in their order, as attention does: one that has
/// lost or changed anything of them answers otherwise. However layers are divided, the answer is the same. Refuses what a real one does.
/// </summary>
/// <param name="layers">Its layers.</param>
internal sealed class HistoryStage(LayerRange layers) : IStage
{
    // Of each open sequence, for each layer, what came to it.
    private readonly Dictionary<long, List<float[]>[]> _sequences = [];

    public LayerRange Layers => layers;

    public int StepsInFlight => 1;

    /// <summary>Open sequences.</summary>
    public int SequenceCount => _sequences.Count;

    /// <summary>Tokens that it has computed.</summary>
    public int Tokens { get; private set; }

    public bool IsDisposed { get; private set; }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        Assert.False(IsDisposed);
        try
        {
            foreach (var operation in batch.Operations)
            {
                Apply(operation);
            }

            var row = 0;
            foreach (var segment in batch.Segments)
            {
                Append(segment, batch.Hidden.Span[(row * batch.HiddenSize)..], batch.HiddenSize);
                row += segment.TokenCount;
            }

            return new(batch);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }

    private void Apply(SequenceOperation operation)
    {
        switch (operation.Kind)
        {
            case SequenceOperationKind.Open:
                Add(operation.Sequence, [.. Enumerable.Range(0, layers.Count).Select(_ => new List<float[]>())]);
                break;
            case SequenceOperationKind.Fork:
                Add(operation.Sequence, [.. Find(operation.Source, operation.Position).Select(layer => layer[..operation.Position])]);
                break;
            case SequenceOperationKind.Truncate:
                Truncate(Find(operation.Sequence, operation.Position), operation.Position);
                break;
            default:
                _sequences.Remove(operation.Sequence);
                break;
        }
    }

    private void Append(Segment segment, Span<float> hidden, int hiddenSize)
    {
        var histories = Find(segment.Sequence, segment.FirstPosition);
        Truncate(histories, segment.FirstPosition);
        for (var token = 0; token < segment.TokenCount; token++, hidden = hidden[hiddenSize..])
        {
            Tokens++;
            for (var layer = 0; layer < layers.Count; layer++)
            {
                Compute(layers.First + layer, histories[layer], hidden[..hiddenSize]);
            }
        }
    }

    private static void Compute(int layer, List<float[]> history, Span<float> hidden)
    {
        history.Add(hidden.ToArray());
        for (var i = 0; i < hidden.Length; i++)
        {
            var sum = 0f;
            foreach (var before in history)
            {
                sum = (sum * 0.5f) + (before[i] * (1 + (layer * 0.01f)));
            }

            hidden[i] = sum + (layer * 0.1f);
        }
    }

    private static void Truncate(List<float[]>[] histories, int length)
    {
        foreach (var history in histories)
        {
            history.RemoveRange(length, history.Count - length);
        }
    }

    private void Add(long sequence, List<float[]>[] layersOfTokens)
    {
        if (!_sequences.TryAdd(sequence, layersOfTokens))
        {
            throw new EngineException("sequence_exists", $"sequence {sequence} is open already");
        }
    }

    private List<float[]>[] Find(long sequence, int position)
    {
        var found = _sequences.GetValueOrDefault(sequence) ?? throw new EngineException("unknown_sequence", $"sequence {sequence} is not open");
        return position <= found[0].Count
            ? found
            : throw new EngineException("position_gap", $"sequence {sequence} has {found[0].Count} tokens, not {position}");
    }
}
