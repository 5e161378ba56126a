using System.Runtime.InteropServices;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>
/// A stage each of whose layers answers to a token by all tokens of its sequence before it, in their order, as attention does: one that has
/// lost or changed anything of them answers otherwise. However layers are divided, the answer is the same. Refuses what a real one does.
/// </summary>
/// <param name="layers">Its layers.</param>
internal sealed class HistoryStage(LayerRange layers) : IMovableStage
{
    private const int BlockTokens = 16;

    // More than hidden states of tests have; what is beyond these does not count.
    private const int BlockFloats = 4;

    // Of each open sequence, for each layer, what came to it.
    private readonly Dictionary<long, List<float[]>[]> _sequences = [];

    public LayerRange Layers { get; private set; } = layers;

    public int StepsInFlight => 1;

    /// <summary>Open sequences.</summary>
    public int SequenceCount => _sequences.Count;

    /// <summary>Tokens that it has computed.</summary>
    public int Tokens { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Sequences that came from other stages.</summary>
    public int Adopted { get; private set; }

    /// <summary>Called before a block is written.</summary>
    public Action Writing { get; set; } = () => { };

    public int BlockLayout => 7;

    public long BlockBytes => BlockTokens * BlockFloats * sizeof(float);

    public IReadOnlyList<CachedSequence> Sequences
    {
        get
        {
            var (next, sequences) = (0, new List<CachedSequence>());
            foreach (var (id, histories) in _sequences.OrderBy(sequence => sequence.Key))
            {
                var blocks = (histories[0].Count + BlockTokens - 1) / BlockTokens;
                sequences.Add(new(id, histories[0].Count, [.. Enumerable.Range(next, blocks)]));
                next += blocks;
            }

            return sequences;
        }
    }

    public void Adopt(IReadOnlyList<CachedSequence> sequences)
    {
        Assert.Empty(_sequences);
        foreach (var sequence in sequences)
        {
            Adopted++;
            Add(sequence.Id, [.. Enumerable.Range(0, Layers.Count).Select(_ => Enumerable.Range(0, sequence.Length).Select(_ => new float[BlockFloats]).ToList())]);
        }
    }

    public void ReadBlock(int layer, int block, Span<byte> bytes)
    {
        Assert.False(IsDisposed);
        var floats = MemoryMarshal.Cast<byte, float>(bytes);
        foreach (var token in TokensOf(layer, block))
        {
            token.CopyTo(floats);
            floats = floats[BlockFloats..];
        }
    }

    public void WriteBlock(int layer, int block, ReadOnlySpan<byte> bytes)
    {
        Writing();
        Assert.False(IsDisposed);
        var floats = MemoryMarshal.Cast<byte, float>(bytes);
        foreach (var token in TokensOf(layer, block))
        {
            floats[..BlockFloats].CopyTo(token);
            floats = floats[BlockFloats..];
        }
    }

    public void Keep(LayerRange kept)
    {
        Assert.True(kept.First >= Layers.First && kept.End <= Layers.End);
        foreach (var (id, histories) in _sequences.ToArray())
        {
            _sequences[id] = histories[(kept.First - Layers.First)..(kept.End - Layers.First)];
        }

        Layers = kept;
    }

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

    private IEnumerable<float[]> TokensOf(int layer, int block)
    {
        var sequence = Sequences.Single(sequence => sequence.Blocks.Contains(block));
        return _sequences[sequence.Id][layer - Layers.First].Skip((block - sequence.Blocks[0]) * BlockTokens).Take(BlockTokens);
    }

    private void Apply(SequenceOperation operation)
    {
        switch (operation.Kind)
        {
            case SequenceOperationKind.Open:
                Add(operation.Sequence, [.. Enumerable.Range(0, Layers.Count).Select(_ => new List<float[]>())]);
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
            for (var layer = 0; layer < Layers.Count; layer++)
            {
                Compute(Layers.First + layer, histories[layer], hidden[..hiddenSize]);
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
