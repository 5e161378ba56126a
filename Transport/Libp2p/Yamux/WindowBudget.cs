namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>What the receive windows of a connection may still grow by, together, in bytes.</summary>
internal sealed class WindowBudget(long bytes)
{
    private long _left = bytes;

    public long Left => Volatile.Read(ref _left);

    public bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    public void Release(int bytes) => Interlocked.Add(ref _left, bytes);
}
