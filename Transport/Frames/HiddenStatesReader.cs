using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Frames;

/// <summary>Reads the hidden states of frames. Not for several threads at once.</summary>
/// <param name="hiddenSize">Floats per token.</param>
/// <param name="wire">What they are sent as.</param>
internal sealed class HiddenStatesReader(int hiddenSize, WireType wire)
{
    private readonly long _bytesPerToken = HiddenStates.BytesPerToken(wire, hiddenSize);
    private byte[] _encoded = [];

    /// <summary>Before a buffer is made for that many tokens: they have to be in the frame.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c></exception>
    public void RequireLength(long found, long tokens)
    {
        // At most 2^45 tokens: neither product overflows below the check of the first.
        if (tokens > found / Math.Max(1, _bytesPerToken) || tokens * _bytesPerToken != found)
        {
            throw FrameErrors.Invalid($"the hidden states have {found} bytes; expected are {hiddenSize} floats for each of {tokens} tokens");
        }
    }

    /// <summary>Copies them, once, into a batch of so many tokens.</summary>
    public void CopyTo(StepBatch batch, in ReadOnlySequence<byte> bytes)
    {
        if (wire == WireType.F32)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(batch.Hidden.Span));
            return;
        }

        HiddenStates.Decode(wire, bytes.IsSingleSegment ? bytes.FirstSpan : Join(bytes), hiddenSize, batch.Hidden.Span);
    }

    private ReadOnlySpan<byte> Join(in ReadOnlySequence<byte> bytes)
    {
        var length = checked((int)bytes.Length);
        if (_encoded.Length < length)
        {
            _encoded = new byte[length];
        }

        bytes.CopyTo(_encoded);
        return _encoded.AsSpan(0, length);
    }
}
