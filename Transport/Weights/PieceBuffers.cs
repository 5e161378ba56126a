using System.Buffers;
using System.Threading.Channels;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A fixed number of buffers of a piece's size: who needs one more waits. Disposed when none is in use.</summary>
/// <param name="count">Of buffers.</param>
/// <param name="bytes">Of each, at least.</param>
internal sealed class PieceBuffers(int count, int bytes) : IDisposable
{
    private readonly Channel<byte[]> _free = Channel.CreateUnbounded<byte[]>();
    private int _made;

    public ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        if (_free.Reader.TryRead(out var buffer))
        {
            return new(buffer);
        }

        return Interlocked.Increment(ref _made) <= count
            ? new(ArrayPool<byte>.Shared.Rent(bytes))
            : _free.Reader.ReadAsync(cancellationToken);
    }

    public void Return(byte[] buffer) => _free.Writer.TryWrite(buffer);

    public void Dispose()
    {
        while (_free.Reader.TryRead(out var buffer))
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
