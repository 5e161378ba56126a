using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Logs;

/// <summary>A step that was sent and has not been answered yet, as it was sent. It is filled again for another one when it is.</summary>
internal sealed class LoggedStep
{
    private readonly List<SequenceOperation> _operations = [];
    private readonly List<Segment> _segments = [];
    private readonly List<HopTime> _trace = [];
    private byte[] _hidden = [];
    private int _length;

    /// <summary>The step's number.</summary>
    public long Number { get; private set; }

    /// <summary>Floats per token.</summary>
    public int HiddenSize { get; private set; }

    /// <summary>Why it was not computed; null: it was.</summary>
    public StepFailure? Failure { get; private set; }

    /// <summary>What it took so far.</summary>
    public ReadOnlySpan<HopTime> Trace => CollectionsMarshal.AsSpan(_trace);

    public ReadOnlySpan<SequenceOperation> Operations => CollectionsMarshal.AsSpan(_operations);

    /// <summary>None where it was not computed.</summary>
    public ReadOnlySpan<Segment> Segments => CollectionsMarshal.AsSpan(_segments);

    /// <summary>The hidden states of its segments, as they are sent.</summary>
    public ReadOnlyMemory<byte> Hidden => _hidden.AsMemory(0, _length);

    /// <summary>Becomes a copy of a step.</summary>
    /// <param name="batch">May be disposed where it has failed.</param>
    /// <param name="failure">Null: it was computed.</param>
    /// <param name="trace">What it took so far.</param>
    /// <param name="wire">What hidden states are sent as.</param>
    public void Fill(StepBatch batch, StepFailure? failure, ReadOnlySpan<HopTime> trace, WireType wire)
    {
        (Number, HiddenSize, Failure) = (batch.Step, batch.HiddenSize, failure);
        _trace.AddRange(trace);
        _operations.AddRange(batch.Operations);
        if (failure is not null)
        {
            return;
        }

        _segments.AddRange(batch.Segments);
        _length = checked((int)(HiddenStates.BytesPerToken(wire, batch.HiddenSize) * batch.TokenCount));
        _hidden = ArrayPool<byte>.Shared.Rent(_length);
        HiddenStates.Encode(wire, batch.Hidden.Span, batch.HiddenSize, _hidden.AsSpan(0, _length));
    }

    /// <summary>Gives the pooled buffer back, and may be filled again.</summary>
    public void Empty()
    {
        _operations.Clear();
        _segments.Clear();
        _trace.Clear();
        var hidden = _hidden;
        (_hidden, _length, Failure) = ([], 0, null);
        if (hidden.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(hidden);
        }
    }
}
