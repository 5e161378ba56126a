using System.Net;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// Who may have addresses dialed, and how often: each IP address once in a while, and not too many at all. Time is on a monotonic clock; one
/// call at a time.
/// </summary>
internal sealed class DialBackQuota(TimeSpan pause)
{
    /// <summary>IP addresses within a pause; one more is refused.</summary>
    public const int MaxAddresses = 256;

    private readonly Dictionary<IPAddress, TimeSpan> _last = [];

    public bool TryTake(IPAddress asker, TimeSpan now)
    {
        foreach (var over in _last.Where(entry => now - entry.Value >= pause).Select(entry => entry.Key).ToList())
        {
            _last.Remove(over);
        }

        return _last.Count < MaxAddresses && _last.TryAdd(asker, now);
    }
}
