using System.Runtime.CompilerServices;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.AspNetCore.Connections;

namespace ManagedSwarm.Transport.Streams;

/// <summary>
/// A libp2p stream as .NET's <see cref="Stream"/>, for those who know no other: HttpClient, StreamPipeReader. Asynchronous only. A stream
/// that was reset is a <see cref="ConnectionResetException"/>, which is an <see cref="IOException"/>, with the
/// <see cref="SwarmException"/> inside.
/// </summary>
/// <remarks>
/// Disposing disposes the libp2p stream, and so resets it unless both directions were closed; to end it in good order, await
/// <see cref="CloseWriteAsync"/> and read to the end first. <see cref="Stream.Dispose()"/> does not wait for it,
/// <see cref="DisposeAsync"/> does.
/// </remarks>
/// <param name="stream">Is the adapter's from now on.</param>
internal sealed class MuxStreamAdapter(IMuxStream stream) : Stream
{
    private int _disposed;
    private Task _disposal = Task.CompletedTask;

    public override bool CanRead => Volatile.Read(ref _disposed) == 0;

    public override bool CanWrite => CanRead;

    public override bool CanSeek => false;

    public override bool CanTimeout => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    /// <inheritdoc/>
    /// <returns>How many bytes; 0: the other side has closed its direction, or <paramref name="buffer"/> is empty.</returns>
    /// <exception cref="IOException">The stream was reset.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(!CanRead, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (SwarmException exception)
        {
            throw AsReset(exception);
        }
    }

    /// <summary>
    /// Writes all bytes. Where it is cancelled in the middle, nobody knows how many went, and a second attempt would repeat some: so the
    /// stream is reset.
    /// </summary>
    /// <exception cref="IOException">The stream was reset.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(!CanWrite, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty)
        {
            return;
        }

        try
        {
            await stream.WriteAsync(buffer, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            stream.Reset();
            throw;
        }
        catch (SwarmException exception)
        {
            throw AsReset(exception);
        }
    }

    /// <summary>Closes this side's direction; the other side reads to the end.</summary>
    /// <exception cref="IOException">The stream was reset.</exception>
    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(!CanWrite, this);
        try
        {
            await stream.CloseWriteAsync(cancellationToken);
        }
        catch (SwarmException exception)
        {
            throw AsReset(exception);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw NotSynchronous();

    public override void Write(byte[] buffer, int offset, int count) => throw NotSynchronous();

    /// <summary>Does nothing: what is written is under way.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc cref="Flush"/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    public override async ValueTask DisposeAsync()
    {
        BeginDisposal();
        await _disposal;
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            BeginDisposal();
        }

        base.Dispose(disposing);
    }

    private void BeginDisposal()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _disposal = stream.DisposeAsync().AsTask();
        }
    }

    private static ConnectionResetException AsReset(SwarmException exception) => new(exception.Message, exception);

    private static NotSupportedException NotSynchronous() =>
        new("a libp2p stream has no synchronous reads and writes, which would hold a thread: use ReadAsync and WriteAsync");

    private static NotSupportedException NotSeekable() => new("a libp2p stream has no position and no length");
}
