namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// How many tokens per second all replies have together while there are any: what others share their requests out by. Safe for use by many
/// threads.
/// </summary>
internal sealed class TokenRate(TimeProvider time)
{
    /// <summary>Busy time that is one measurement.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    // Of the newest measurement.
    private const double Weight = 0.3;

    private readonly Lock _gate = new();
    private int _replies;
    private long _since;
    private TimeSpan _busy;
    private int _tokens;
    private double _rate;

    /// <summary>Tokens per second; 0: not known.</summary>
    public int TokensPerSecond
    {
        get
        {
            lock (_gate)
            {
                return _rate == 0 ? 0 : Math.Max(1, (int)Math.Round(_rate));
            }
        }
    }

    /// <summary>A reply begins.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_replies++ == 0)
            {
                _since = time.GetTimestamp();
            }
        }
    }

    /// <summary>Tokens of a reply are there.</summary>
    public void Add(int tokens)
    {
        lock (_gate)
        {
            _tokens += tokens;
            Measure();
        }
    }

    /// <summary>A reply has ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            Measure();
            _replies--;
        }
    }

    private void Measure()
    {
        var now = time.GetTimestamp();
        (_busy, _since) = (_busy + time.GetElapsedTime(_since, now), now);
        if (_busy >= Window)
        {
            var found = _tokens / _busy.TotalSeconds;
            _rate = _rate == 0 ? found : (_rate * (1 - Weight)) + (found * Weight);
            (_tokens, _busy) = (0, TimeSpan.Zero);
        }
    }
}
