using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Reads what the last stage sends to the head, which has kept the step: so a result says only what is new. Not for several threads at
/// once.
/// </summary>
/// <remarks>
/// <code>
/// int      kind = 2
/// int      step, 64 bits
/// int      epoch, 32 bits
/// nil      it was computed; or an array, why not, as in a step's frame
/// array    trace, as in a step's frame
/// bin      hidden states behind the last layer, as the plan's wire type says; none where it was not computed
/// </code>
/// </remarks>
/// <param name="hiddenSize">Floats per token of the model.</param>
/// <param name="wire">What hidden states are sent as.</param>
/// <param name="limits">What a frame may ask for.</param>
internal sealed class ResultFrameReader(int hiddenSize, WireType wire, FrameLimits limits)
{
    private readonly HiddenStatesReader _states = new(hiddenSize, wire);
    private readonly List<HopTime> _trace = [];
    private ReadOnlySequence<byte> _hidden;

    public long Step { get; private set; }

    public int Epoch { get; private set; }

    /// <summary>Why it was not computed; null: it was.</summary>
    public StepFailure? Failure { get; private set; }

    /// <summary>One for each stage that it went through.</summary>
    public ReadOnlySpan<HopTime> Trace => CollectionsMarshal.AsSpan(_trace);

    /// <summary>Reads all but the hidden states.</summary>
    /// <param name="frame">Without its prefix; to stay until <see cref="CopyTo"/>.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public void Read(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, limits);
        decoder.RequireKind(FrameKind.Result);
        Step = decoder.ReadInt64("step");
        Epoch = decoder.ReadInt32("epoch");
        Failure = StepFrame.ReadFailure(ref decoder);
        StepFrame.ReadTrace(ref decoder, _trace);
        _hidden = decoder.ReadBinary("hidden states");
        decoder.RequireEnd();
        if (Failure is not null)
        {
            _states.RequireLength(_hidden.Length, 0);
        }
    }

    /// <summary>Puts the hidden states in the place of those that were sent.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c>: they are of another number of tokens.</exception>
    public void CopyTo(StepBatch batch)
    {
        _states.RequireLength(_hidden.Length, batch.TokenCount);
        _states.CopyTo(batch, _hidden);
    }
}
