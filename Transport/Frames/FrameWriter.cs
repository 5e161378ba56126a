using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MessagePack;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Writes frames: <see cref="Begin"/>, the values, <c>End</c>, and <see cref="FlushAsync"/> when they are to
/// go. Not for several threads at once. The output stays its owner's.
/// </summary>
/// <param name="output">Where the bytes go; a <see cref="PipeWriter"/>, where they are to be flushed.</param>
/// <param name="limits">The other side's, or what is known of them: a frame that it would refuse is refused here.</param>
internal sealed class FrameWriter(IBufferWriter<byte> output, FrameLimits limits)
{
    /// <summary>A frame up to this size is written in one piece, so that it can leave as one message.</summary>
    private const int MaxContiguousBytes = 64 << 10;

    private readonly ArrayBufferWriter<byte> _header = new(256);

    /// <summary>Begins a frame; what was begun and not ended is forgotten.</summary>
    public MessagePackWriter Begin()
    {
        _header.ResetWrittenCount();
        return new MessagePackWriter(_header);
    }

    /// <summary>Ends a frame that has no raw bytes.</summary>
    /// <exception cref="SwarmException"><c>frame_too_large</c>; then nothing has been written.</exception>
    public void End(ref MessagePackWriter writer)
    {
        writer.Flush();
        Write([]);
    }

    /// <summary>Ends a frame with raw bytes, its last value; they are copied, once.</summary>
    /// <exception cref="SwarmException"><c>frame_too_large</c>; then nothing has been written.</exception>
    public void End(ref MessagePackWriter writer, scoped ReadOnlySpan<byte> binary)
    {
        if (binary.Length > limits.MaxBinaryBytes)
        {
            throw FrameErrors.TooLarge("a frame's binary value", binary.Length, limits.MaxBinaryBytes);
        }

        writer.WriteBinHeader(binary.Length);
        writer.Flush();
        Write(binary);
    }

    /// <summary>Sends what was written; does nothing where the output is not a pipe. Waits while the other side takes nothing.</summary>
    /// <exception cref="SwarmException"><c>stream_reset</c>; <c>stream_closed</c>: nobody reads any more.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (output is not PipeWriter pipe)
        {
            return;
        }

        try
        {
            var result = await pipe.FlushAsync(cancellationToken);
            if (result.IsCanceled)
            {
                throw new OperationCanceledException("sending a frame was cancelled");
            }

            if (result.IsCompleted)
            {
                throw new SwarmException("stream_closed", "the frames' reader has gone");
            }
        }
        catch (IOException exception) when (exception.InnerException is SwarmException reason)
        {
            throw new SwarmException(reason.Code, reason.Message, exception);
        }
    }

    private void Write(ReadOnlySpan<byte> binary)
    {
        var header = _header.WrittenSpan;
        var length = (long)header.Length + binary.Length;
        if (length > limits.MaxFrameBytes)
        {
            throw FrameErrors.TooLarge("a frame", length, limits.MaxFrameBytes);
        }

        var total = FramePrefix.Size + length;
        var span = output.GetSpan(total <= MaxContiguousBytes ? (int)total : FramePrefix.Size);
        FramePrefix.Write(span, (int)length);
        if (total <= MaxContiguousBytes)
        {
            header.CopyTo(span[FramePrefix.Size..]);
            binary.CopyTo(span[(FramePrefix.Size + header.Length)..]);
            output.Advance((int)total);
            return;
        }

        output.Advance(FramePrefix.Size);
        output.Write(header);
        output.Write(binary);
    }
}
