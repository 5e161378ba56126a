namespace ManagedSwarm.Engine.Model;

/// <summary>Looks on while weights are loaded: counts their bytes, reports how far it has come, and ends it where that is asked for. Thread-safe.</summary>
public sealed class LoadMonitor
{
    // Often enough for a bar to move, and seldom enough to cost nothing.
    private const long ReportBytes = 4 << 20;

    private readonly Lock _gate = new();
    private readonly long _total;
    private readonly IProgress<LoadProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private long _done;
    private long _reported;

    /// <summary>Reports that nothing is done yet.</summary>
    /// <param name="bytesTotal">Bytes of the file that will be loaded.</param>
    /// <param name="progress">Told how many of them are.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public LoadMonitor(long bytesTotal, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        (_total, _progress, _cancellationToken) = (bytesTotal, progress, cancellationToken);
        progress?.Report(new LoadProgress(0, bytesTotal));
    }

    /// <summary>For loads at which nobody looks on.</summary>
    public static LoadMonitor Silent { get; } = new(0, null, CancellationToken.None);

    /// <summary>Some bytes of the file more are loaded.</summary>
    /// <exception cref="OperationCanceledException">The load is to end.</exception>
    public void Advance(long bytes)
    {
        if (_progress is not null)
        {
            Count(bytes);
        }

        _cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Everything is loaded; what the file has besides was not needed.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _done = _total;
            if (_reported < _total)
            {
                Report();
            }
        }
    }

    private void Count(long bytes)
    {
        lock (_gate)
        {
            _done = Math.Min(_done + bytes, _total);
            if (_done - _reported >= ReportBytes)
            {
                Report();
            }
        }
    }

    // Under the lock, so that reports come in their order.
    private void Report()
    {
        _reported = _done;
        _progress?.Report(new LoadProgress(_done, _total));
    }
}
