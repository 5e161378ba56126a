namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>Allows so many things at once, and so many per second in the long run.</summary>
internal sealed class TokenBucket
{
    private readonly double _burst;
    private readonly double _perSecond;
    private double _left;
    private TimeSpan _since;

    public TokenBucket(double burst, double perSecond) => (_burst, _perSecond, _left) = (burst, perSecond, burst);

    public bool TryTake(TimeSpan now)
    {
        _left = Math.Min(_burst, _left + ((now - _since).TotalSeconds * _perSecond));
        _since = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
