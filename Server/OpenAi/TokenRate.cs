namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// How many tokens per second all replies have together while there are any: what others share their requests out by. Times with fewer replies
/// at once say less about what there could be, and count less. Safe for use by many threads.
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
    private TimeSpan _ofReplies;
    private int _tokens;
    private double _rate;
    private double _atOnce;

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
            Measure();
            _replies++;
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

    /// <summary>Nothing is known: another model is to come.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_tokens, _busy, _ofReplies, _rate, _atOnce) = (0, TimeSpan.Zero, TimeSpan.Zero, 0, 0);
        }
    }

    private void Measure()
    {
        var now = time.GetTimestamp();
        if (_replies > 0)
        {
            var passed = time.GetElapsedTime(_since, now);
            (_busy, _ofReplies) = (_busy + passed, _ofReplies + (passed * _replies));
        }

        _since = now;
        if (_busy >= Window)
        {
            Take(_tokens / _busy.TotalSeconds, _ofReplies / _busy);
            (_tokens, _busy, _ofReplies) = (0, TimeSpan.Zero, TimeSpan.Zero);
        }
    }

    /// <param name="found">Tokens per second.</param>
    /// <param name="atOnce">Replies at once, on average.</param>
    private void Take(double found, double atOnce)
    {
        var weight = _rate == 0 ? 1 : found >= _rate ? Weight : Weight * Math.Min(1, atOnce / _atOnce);
        (_rate, _atOnce) = (_rate + ((found - _rate) * weight), _atOnce + ((atOnce - _atOnce) * weight));
    }
}
