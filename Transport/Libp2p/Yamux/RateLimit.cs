namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>Allows so many things at once, and so many per second in the long run. One thread at a time.</summary>
internal sealed class RateLimit(int burst, int perSecond, TimeProvider time)
{
    private double _left = burst;
    private long _since = time.GetTimestamp();

    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_since, now).TotalSeconds * perSecond));
        _since = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
