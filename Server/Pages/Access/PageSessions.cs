using System.Security.Cryptography;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>Who has signed in, as long as this program runs and no longer than a working day. Safe for use by many threads.</summary>
internal sealed class PageSessions(TimeProvider time)
{
    /// <summary>The oldest one ends when another begins.</summary>
    public const int MaxSessions = 256;

    private const int IdBytes = 32;

    private readonly Lock _gate = new();

    // By when they began: the first is the oldest.
    private readonly OrderedDictionary<string, long> _sessions = new(StringComparer.Ordinal);

    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(12);

    /// <summary>Begins one.</summary>
    /// <returns>Its id, a secret.</returns>
    public string Begin()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        lock (_gate)
        {
            if (_sessions.Count == MaxSessions)
            {
                _sessions.RemoveAt(0);
            }

            _sessions.Add(id, time.GetTimestamp());
        }

        return id;
    }

    // A lookup by hash tells by its time, if anything, about hashes of 256 random bits.
    public bool IsAlive(string id)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(id, out var since) && time.GetElapsedTime(since) < Lifetime;
        }
    }

    public void End(string id)
    {
        lock (_gate)
        {
            _sessions.Remove(id);
        }
    }
}
