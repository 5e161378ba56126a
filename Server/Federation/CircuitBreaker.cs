namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Keeps requests away from an instance that fails. After a pause one request may try it (half open): with it the breaker closes, or stays
/// open for twice as long. For one thread at a time.
/// </summary>
internal sealed class CircuitBreaker(BreakerOptions options, TimeProvider time)
{
    private int _failures;
    private int _errors;
    private long _opened;
    private TimeSpan _pause;
    private bool _isProbed;

    public bool IsOpen { get; private set; }

    /// <summary>Whether a request may be sent.</summary>
    public bool CanTry => !IsOpen || (!_isProbed && time.GetElapsedTime(_opened) >= _pause);

    /// <summary>One is sent.</summary>
    public void Begin() => _isProbed |= IsOpen;

    /// <summary>It was answered.</summary>
    public void Succeeded() => (_failures, _errors, _pause, _isProbed, IsOpen) = (0, 0, TimeSpan.Zero, false, false);

    /// <summary>It failed.</summary>
    public void Failed()
    {
        _isProbed = false;
        _failures++;
        OpenIf(_failures >= options.Failures);
    }

    /// <summary>It was answered with 500.</summary>
    public void Erred()
    {
        _isProbed = false;
        _errors++;
        OpenIf(_errors >= options.Errors);
    }

    /// <summary>Nobody wanted to know how it ends.</summary>
    public void Abandoned() => _isProbed = false;

    private void OpenIf(bool isEnough)
    {
        if (IsOpen || isEnough)
        {
            var next = _pause == TimeSpan.Zero ? options.FirstPause : _pause * 2;
            (IsOpen, _opened) = (true, time.GetTimestamp());
            _pause = next < options.MaxPause ? next : options.MaxPause;
        }
    }
}
