namespace ManagedSwarm.Transport.Weights;

/// <summary>Counts what is here and what comes, and tells it every now and then, in order. Safe for use by many threads.</summary>
/// <param name="total">Bytes that are needed.</param>
/// <param name="progress">Told by one thread at a time; null: nobody looks on.</param>
/// <param name="interval">Between two reports.</param>
/// <param name="time">The clock of intervals and rates.</param>
internal sealed class ProgressMeter(long total, IProgress<WeightProgress>? progress, TimeSpan interval, TimeProvider time)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<(long Time, long Received)> _samples = [];
    private long _done;
    private long _received;
    private long? _lastReport;

    /// <summary>Bytes were found to be here.</summary>
    /// <param name="bytes">Negative: they turned out to be of no use.</param>
    public void Found(long bytes) => Add(bytes, received: 0);

    /// <summary>Bytes have come and are verified.</summary>
    public void Received(long bytes) => Add(bytes, bytes);

    /// <summary>Nothing is known to be here any more.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _done = 0;
        }
    }

    /// <summary>Tells how things are, however short ago it was told.</summary>
    public void Report()
    {
        lock (_gate)
        {
            ReportNow(time.GetTimestamp());
        }
    }

    private void Add(long bytes, long received)
    {
        lock (_gate)
        {
            _done += bytes;
            _received += received;
            var now = time.GetTimestamp();
            if (_lastReport is not { } last || time.GetElapsedTime(last, now) >= interval)
            {
                ReportNow(now);
            }
        }
    }

    private void ReportNow(long now)
    {
        _lastReport = now;
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().Time, now) > RateWindow)
        {
            _samples.Dequeue();
        }

        _samples.Enqueue((now, _received));
        var first = _samples.Peek();
        var seconds = time.GetElapsedTime(first.Time, now).TotalSeconds;
        var rate = seconds > 0 ? (_received - first.Received) / seconds : 0;
        progress?.Report(new(_done, total, rate, _done >= total ? 0 : rate > 0 ? (total - _done) / rate : null));
    }
}
