using System.Buffers;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>Buffers of the shared pool, counted, so that a test can see that each is returned.</summary>
internal sealed class RentedBuffers
{
    private int _count;

    /// <summary>Rented and not returned.</summary>
    public int Count => Volatile.Read(ref _count);

    public byte[] Rent(int minimumLength)
    {
        Interlocked.Increment(ref _count);
        return ArrayPool<byte>.Shared.Rent(minimumLength);
    }

    public void Return(byte[] buffer)
    {
        Interlocked.Decrement(ref _count);
#if DEBUG
        // Whoever still reads it reads nonsense, and a test finds out.
        buffer.AsSpan().Fill(0xDD);
#endif
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
