using System.Buffers;

namespace ManagedSwarm.Engine.Stages;

/// <summary>One step's work: operations on sequences, then segments of tokens with their hidden states.</summary>
public sealed class StepBatch : IDisposable
{
    private IMemoryOwner<float>? _hidden;

    /// <param name="step">The step's number; strictly growing within an epoch.</param>
    /// <param name="epoch">The plan's epoch.</param>
    /// <param name="operations">Done before the segments, in order.</param>
    /// <param name="segments">At most one per sequence.</param>
    /// <param name="hiddenSize">Floats per token.</param>
    /// <exception cref="EngineException">
    /// <c>invalid_step</c>: a segment is empty, before position 0 or beyond the last countable one, a second one of its sequence, or all
    /// together have more floats than one buffer can hold.
    /// </exception>
    public StepBatch(long step, int epoch, IReadOnlyList<SequenceOperation> operations, IReadOnlyList<Segment> segments, int hiddenSize)
    {
        Step = step;
        Epoch = epoch;
        Operations = operations;
        Segments = segments;
        HiddenSize = hiddenSize;
        TokenCount = CountTokens();
        _hidden = MemoryPool<float>.Shared.Rent(Math.Max(1, TokenCount * hiddenSize));
    }

    /// <summary>The step's number; strictly growing within an epoch.</summary>
    public long Step { get; }

    /// <summary>The plan's epoch.</summary>
    public int Epoch { get; }

    /// <summary>Done before the segments, in order.</summary>
    public IReadOnlyList<SequenceOperation> Operations { get; }

    /// <summary>The tokens of this step, at most one segment per sequence.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>Tokens of all segments together.</summary>
    public int TokenCount { get; }

    /// <summary>Floats per token.</summary>
    public int HiddenSize { get; }

    /// <summary>The hidden states: (TokenCount, HiddenSize), segment after segment.</summary>
    public Memory<float> Hidden
    {
        get
        {
            ObjectDisposedException.ThrowIf(_hidden is null, this);
            return _hidden.Memory[..(TokenCount * HiddenSize)];
        }
    }

    /// <exception cref="EngineException"><c>hidden_size</c>: the states are of another size than the stage's.</exception>
    public void RequireHiddenSize(int expected)
    {
        if (HiddenSize != expected)
        {
            throw new EngineException("hidden_size", $"step {Step} has hidden states of {HiddenSize} floats; this model's have {expected}");
        }
    }

    /// <summary>Segments may come from a peer: what no stage could compute is refused here, before any of them changes its cache.</summary>
    private int CountTokens()
    {
        var tokens = 0L;
        var sequences = new HashSet<long>(Segments.Count);
        foreach (var segment in Segments)
        {
            Require(segment.TokenCount >= 1, $"{segment} has no tokens; expected is at least one");
            Require(
                segment.FirstPosition >= 0 && segment.FirstPosition <= int.MaxValue - segment.TokenCount,
                $"{segment} is not within the positions 0 to {int.MaxValue}");
            Require(sequences.Add(segment.Sequence), $"sequence {segment.Sequence} has two segments; allowed is one");
            tokens += segment.TokenCount;
        }

        var most = Array.MaxLength / Math.Max(1, HiddenSize);
        Require(tokens <= most, $"the segments have {tokens} tokens of {HiddenSize} floats; allowed are {most} tokens");
        return (int)tokens;
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new EngineException("invalid_step", $"step {Step}: {otherwise}");
        }
    }

    /// <summary>Gives the pooled buffer back.</summary>
    public void Dispose()
    {
        _hidden?.Dispose();
        _hidden = null;
    }
}
