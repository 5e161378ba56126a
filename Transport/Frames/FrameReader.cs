using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Reads frames, one at a time: <see cref="ReadAsync(CancellationToken)"/>, use it, <see cref="Advance"/>. A frame lies in the pipe's own
/// buffers, and is not copied. Not for several threads at once. The pipe stays its owner's, who completes it.
/// </summary>
/// <param name="input">Where the bytes come from.</param>
/// <param name="limits">What a frame may ask for.</param>
internal sealed class FrameReader(PipeReader input, FrameLimits limits)
{
    private SequencePosition _end;
    private bool _holdsFrame;

    /// <inheritdoc cref="ReadAsync(FrameLimits, CancellationToken)"/>
    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken) => ReadAsync(limits, cancellationToken);

    /// <summary>Reads the next frame. Cancelling loses no bytes: the next call goes on.</summary>
    /// <param name="frameLimits">What this frame may ask for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>
    /// The frame without its prefix, valid until <see cref="Advance"/>; empty: the other side has closed behind a whole frame.
    /// </returns>
    /// <exception cref="SwarmException">
    /// <c>frame_too_large</c>, <c>invalid_frame</c>, <c>truncated_frame</c>: the stream ends within one; <c>stream_reset</c>. None of them
    /// goes away: the stream is of no more use.
    /// </exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(FrameLimits frameLimits, CancellationToken cancellationToken)
    {
        if (_holdsFrame)
        {
            throw new InvalidOperationException("the last frame has not been advanced over");
        }

        while (true)
        {
            var result = await ReadInputAsync(cancellationToken);
            if (TryTake(result, frameLimits, out var frame))
            {
                return frame;
            }

            if (result.IsCanceled)
            {
                throw new OperationCanceledException("reading a frame was cancelled");
            }

            if (result.IsCompleted)
            {
                return result.Buffer.IsEmpty ? default : throw Truncated(result.Buffer);
            }
        }
    }

    /// <summary>Is done with the frame: its bytes are given back.</summary>
    public void Advance()
    {
        if (!_holdsFrame)
        {
            throw new InvalidOperationException("there is no frame to advance over");
        }

        _holdsFrame = false;
        input.AdvanceTo(_end);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadInputAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await input.ReadAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is SwarmException reason)
        {
            // An IOException is what .NET's readers expect; ours expect the stream's own error.
            throw new SwarmException(reason.Code, reason.Message, exception);
        }
    }

    private bool TryTake(in ReadResult result, FrameLimits frameLimits, out ReadOnlySequence<byte> frame)
    {
        var rest = result.Buffer;
        try
        {
            _holdsFrame = FramePrefix.TryTake(ref rest, frameLimits.MaxFrameBytes, out frame);
        }
        catch (SwarmException)
        {
            input.AdvanceTo(result.Buffer.Start);
            throw;
        }

        if (_holdsFrame)
        {
            _end = frame.End;
        }
        else
        {
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        return _holdsFrame;
    }

    private static SwarmException Truncated(in ReadOnlySequence<byte> rest) => FramePrefix.TryReadLength(rest, out var length)
        ? FrameErrors.Truncated($"{rest.Length - FramePrefix.Size} bytes", $"{length}")
        : FrameErrors.Truncated($"{rest.Length} bytes", $"its prefix's {FramePrefix.Size}");
}
