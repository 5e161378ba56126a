using System.IO.Pipelines;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Streams;

/// <summary>
/// The writing direction of a libp2p stream as a pipe. Bytes are collected in pooled buffers and given to the stream by the flush, in the
/// caller's own thread: no second queue, no task of its own. A flush waits while the other side takes nothing.
/// </summary>
/// <remarks>Completing sends what is left and closes the direction; completing with an exception resets the stream.</remarks>
internal sealed class MuxPipeWriter : PipeWriter
{
    private readonly IMuxStream _stream;
    private readonly MuxStreamAdapter _adapter;
    private readonly PipeWriter _buffered;
    private Task? _completion;

    /// <param name="stream">Reset by an exception; disposed by its owner.</param>
    /// <param name="adapter">The same stream.</param>
    /// <param name="bufferSize">Bytes of a buffer: what is flushed goes in pieces of this size, each a write of its own.</param>
    public MuxPipeWriter(IMuxStream stream, MuxStreamAdapter adapter, int bufferSize)
    {
        _stream = stream;
        _adapter = adapter;
        _buffered = Create(adapter, new StreamPipeWriterOptions(minimumBufferSize: bufferSize, leaveOpen: true));
    }

    public override bool CanGetUnflushedBytes => _buffered.CanGetUnflushedBytes;

    public override long UnflushedBytes => _buffered.UnflushedBytes;

    /// <summary>
    /// Ends when the direction is closed; fails with an <see cref="IOException"/> where the other side did not get everything.
    /// </summary>
    public Task Completion => _completion ?? Task.CompletedTask;

    public override void Advance(int bytes) => _buffered.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffered.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffered.GetSpan(sizeHint);

    /// <summary>Ends a flush under way; where bytes of it went already, the stream is reset.</summary>
    public override void CancelPendingFlush() => _buffered.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _buffered.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _buffered.WriteAsync(source, cancellationToken);

    /// <summary>Begins to complete; <see cref="Completion"/> ends when it is done.</summary>
    public override void Complete(Exception? exception = null) => _completion ??= CompleteOnceAsync(exception);

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Complete(exception);
        return new(Completion);
    }

    private async Task CompleteOnceAsync(Exception? exception)
    {
        if (exception is not null)
        {
            _stream.Reset();
            await _buffered.CompleteAsync(exception);
            return;
        }

        await _buffered.CompleteAsync();
        await _adapter.CloseWriteAsync();
    }
}
