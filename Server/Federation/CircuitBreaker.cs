namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Keeps requests away from an instance that fails. After a pause one request may try it (half open): with it the breaker closes, or stays
/// open for twice as long. For one thread at a time.
/// </summary>
internal sealed class CircuitBreaker(BreakerOptions options, TimeProvider time)
{
    private int _failures;
    private long _opened;
    private TimeSpan _pause;
    private bool _isProbed;

    public bool IsOpen { get; private set; }

    /// <summary>Whether a request may be sent.</summary>
    public bool CanTry => !IsOpen || (!_isProbed && time.GetElapsedTime(_opened) >= _pause);

    /// <summary>One is sent.</summary>
    public void Begin() => _isProbed |= IsOpen;

    /// <summary>It was answered.</summary>
    public void Succeeded() => (_failures, _pause, _isProbed, IsOpen) = (0, TimeSpan.Zero, false, false);

    /// <summary>It failed.</summary>
    public void Failed()
    {
        _isProbed = false;
        _failures++;
        if (IsOpen || _failures >= options.Failures)
        {
            var next = _pause == TimeSpan.Zero ? options.FirstPause : _pause * 2;
            (IsOpen, _opened) = (true, time.GetTimestamp());
            _pause = next < options.MaxPause ? next : options.MaxPause;
        }
    }

    /// <summary>Nobody wanted to know how it ends.</summary>
    public void Abandoned() => _isProbed = false;
}
