using System.Buffers;
using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// One step's work: operations on sequences, then segments of tokens with their hidden states. It has one owner at a time, who may fill it
/// again for the next step instead of making a new one: then a step allocates nothing.
/// </summary>
public sealed class StepBatch : IDisposable
{
    /// <summary>So many are compared each with each; a peer may send more, and those are not worth a quadratic search.</summary>
    private const int FewSegments = 64;

    private readonly List<SequenceOperation> _operations = [];
    private readonly List<Segment> _segments = [];
    private float[]? _hidden;

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
        HiddenSize = hiddenSize;
        _operations.AddRange(operations);
        _segments.AddRange(segments);
        Accept(step, epoch);
        _hidden = ArrayPool<float>.Shared.Rent(Math.Max(1, TokenCount * HiddenSize));
    }

    /// <summary>The step's number; strictly growing within an epoch.</summary>
    public long Step { get; private set; }

    /// <summary>The plan's epoch.</summary>
    public int Epoch { get; private set; }

    /// <summary>Done before the segments, in order.</summary>
    public ReadOnlySpan<SequenceOperation> Operations => CollectionsMarshal.AsSpan(_operations);

    /// <summary>The tokens of this step, at most one segment per sequence.</summary>
    public ReadOnlySpan<Segment> Segments => CollectionsMarshal.AsSpan(_segments);

    /// <summary>Tokens of all segments together.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Floats per token.</summary>
    public int HiddenSize { get; }

    /// <summary>The hidden states: (TokenCount, HiddenSize), segment after segment.</summary>
    public Memory<float> Hidden
    {
        get
        {
            ObjectDisposedException.ThrowIf(_hidden is null, this);
            return _hidden.AsMemory(0, TokenCount * HiddenSize);
        }
    }

    /// <summary>
    /// Makes this the batch of another step of the same hidden size; what it held before is gone, and its hidden states are undefined.
    /// </summary>
    /// <exception cref="EngineException"><c>invalid_step</c>: see the constructor; then there is nothing to do with it but to dispose it.</exception>
    public void Reset(long step, int epoch, ReadOnlySpan<SequenceOperation> operations, ReadOnlySpan<Segment> segments)
    {
        ObjectDisposedException.ThrowIf(_hidden is null, this);
        _operations.Clear();
        _operations.AddRange(operations);
        _segments.Clear();
        _segments.AddRange(segments);
        Accept(step, epoch);
        if (_hidden.Length < TokenCount * HiddenSize)
        {
            Dispose();
            _hidden = ArrayPool<float>.Shared.Rent(TokenCount * HiddenSize);
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
        if (Interlocked.Exchange(ref _hidden, null) is { } hidden)
        {
            ArrayPool<float>.Shared.Return(hidden);
        }
    }

    private void Accept(long step, int epoch)
    {
        (Step, Epoch, TokenCount) = (step, epoch, 0);
        TokenCount = CountTokens();
    }

    /// <summary>Segments may come from a peer: what no stage could compute is refused here, before any of them changes its cache.</summary>
    private int CountTokens()
    {
        var tokens = 0L;
        foreach (var segment in Segments)
        {
            if (segment.TokenCount < 1)
            {
                throw Invalid($"{segment} has no tokens; expected is at least one");
            }

            if (segment.FirstPosition < 0 || segment.FirstPosition > int.MaxValue - segment.TokenCount)
            {
                throw Invalid($"{segment} is not within the positions 0 to {int.MaxValue}");
            }

            tokens += segment.TokenCount;
        }

        var most = Array.MaxLength / Math.Max(1, HiddenSize);
        if (tokens > most)
        {
            throw Invalid($"the segments have {tokens} tokens of {HiddenSize} floats; allowed are {most} tokens");
        }

        RequireDistinct();
        return (int)tokens;
    }

    private void RequireDistinct()
    {
        var segments = Segments;
        var seen = segments.Length > FewSegments ? new HashSet<long>(segments.Length) : null;
        for (var i = 0; i < segments.Length; i++)
        {
            var sequence = segments[i].Sequence;
            if (seen is null ? Contains(segments[..i], sequence) : !seen.Add(sequence))
            {
                throw Invalid($"sequence {sequence} has two segments; allowed is one");
            }
        }
    }

    private static bool Contains(ReadOnlySpan<Segment> segments, long sequence)
    {
        foreach (var segment in segments)
        {
            if (segment.Sequence == sequence)
            {
                return true;
            }
        }

        return false;
    }

    private EngineException Invalid(string what) => new("invalid_step", $"step {Step}: {what}");
}
