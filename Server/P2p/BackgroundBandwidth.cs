namespace ManagedSwarm.Server.P2p;

/// <summary>How fast this machine reads its memory: measured once, beside all else, when it becomes a member. Safe for use by many threads.</summary>
/// <param name="measure">In bytes per second; 0: it cannot. Null: nobody wants to know.</param>
internal sealed class BackgroundBandwidth(Func<long>? measure)
{
    private readonly Lock _gate = new();
    private long _bytesPerSecond;
    private Task? _measuring;

    /// <summary>0: not known.</summary>
    public long BytesPerSecond => Interlocked.Read(ref _bytesPerSecond);

    /// <summary>Ends when nothing is being measured.</summary>
    public Task Finished
    {
        get
        {
            lock (_gate)
            {
                return _measuring ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>Begins; the second time, nothing is done.</summary>
    /// <param name="known">Called when it is known; must not throw.</param>
    public void Start(Action known)
    {
        lock (_gate)
        {
            _measuring ??= measure is null ? Task.CompletedTask : Task.Run(() => Measure(measure, known));
        }
    }

    private void Measure(Func<long> measure, Action known)
    {
        try
        {
            Interlocked.Exchange(ref _bytesPerSecond, measure());
        }
        catch (OutOfMemoryException)
        {
            // Then nobody is told.
            return;
        }

        known();
    }
}
