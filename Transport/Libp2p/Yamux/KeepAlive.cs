namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// Pings: some at the beginning, one after the other, and then one a while after each answer. They keep middle boxes from forgetting the
/// connection, notice that the other side is gone, and measure the round trip. One ping is under way at most.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly Lock _gate = new();
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<uint> _ping;
    private readonly Action _timedOut;
    private readonly ITimer _timer;
    private uint _value;
    private int _answers;
    private bool _isWaiting;
    private long _sent;
    private long _roundTrip;

    /// <param name="ping">Sends a ping with a value; called on a timer's thread, or by <see cref="TryAnswer"/>.</param>
    /// <param name="timedOut">No answer came in time.</param>
    public KeepAlive(YamuxOptions options, TimeProvider time, Action<uint> ping, Action timedOut)
    {
        (_options, _time, _ping, _timedOut) = (options, time, ping, timedOut);
        _timer = time.CreateTimer(
            static state => ((KeepAlive)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The shortest round trip so far: what is longer has waited behind data or for a thread. Zero: not measured yet.</summary>
    public TimeSpan RoundTrip => new(Volatile.Read(ref _roundTrip));

    /// <summary>Sends the first ping.</summary>
    public void Start()
    {
        if (_options.KeepAliveInterval != Timeout.InfiniteTimeSpan)
        {
            Ask();
        }
    }

    /// <summary>An answer has come.</summary>
    /// <returns>False: nobody has asked for it.</returns>
    public bool TryAnswer(uint value)
    {
        lock (_gate)
        {
            if (!_isWaiting || value != _value)
            {
                return false;
            }

            var measured = Math.Max(1, _time.GetElapsedTime(_sent).Ticks);
            Volatile.Write(ref _roundTrip, _roundTrip == 0 ? measured : Math.Min(_roundTrip, measured));
            if (++_answers >= _options.FirstPings)
            {
                _isWaiting = false;
                _timer.Change(_options.KeepAliveInterval, Timeout.InfiniteTimeSpan);
                return true;
            }

            value = Begin();
        }

        _ping(value);
        return true;
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        bool isLate;
        lock (_gate)
        {
            isLate = _isWaiting;
        }

        if (isLate)
        {
            _timedOut();
        }
        else
        {
            Ask();
        }
    }

    private void Ask()
    {
        uint value;
        lock (_gate)
        {
            value = Begin();
        }

        _ping(value);
    }

    private uint Begin()
    {
        _isWaiting = true;
        _sent = _time.GetTimestamp();
        _timer.Change(_options.KeepAliveTimeout, Timeout.InfiniteTimeSpan);
        return ++_value;
    }
}
