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
    public StepBatch(long step, int epoch, IReadOnlyList<SequenceOperation> operations, IReadOnlyList<Segment> segments, int hiddenSize)
    {
        Step = step;
        Epoch = epoch;
        Operations = operations;
        Segments = segments;
        HiddenSize = hiddenSize;
        foreach (var segment in segments)
        {
            TokenCount += segment.TokenCount;
        }

        _hidden = MemoryPool<float>.Shared.Rent(checked(Math.Max(1, TokenCount * hiddenSize)));
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

    /// <summary>Gives the pooled buffer back.</summary>
    public void Dispose()
    {
        _hidden?.Dispose();
        _hidden = null;
    }
}
