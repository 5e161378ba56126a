namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// The steps between a stream's reader, which waits without a thread, and the thread that computes them, which sleeps while there are none.
/// A step is always in one place: free, being filled, in the queue, being computed. When none is free, the reader waits, and so do the
/// sender's bytes.
/// </summary>
internal sealed class StepQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly Stack<StageStep> _free = new();
    private readonly Queue<StageStep> _waiting = new();
    private readonly SemaphoreSlim _places;
    private bool _isClosed;

    /// <param name="capacity">Steps that there are.</param>
    public StepQueue(int capacity) => _places = new(capacity);

    /// <summary>Steps that wait to be computed.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>A free step; waits while there is none.</summary>
    public ValueTask<StageStep> RentAsync(CancellationToken cancellationToken)
    {
        var place = _places.WaitAsync(cancellationToken);
        return place.IsCompletedSuccessfully ? new(TakeFree()) : AwaitAsync(place);
    }

    /// <summary>A step has come.</summary>
    public void Put(StageStep step)
    {
        lock (_gate)
        {
            _waiting.Enqueue(step);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>The next step; blocks while there is none.</summary>
    /// <returns>Null: the queue is closed.</returns>
    public StageStep? Take()
    {
        lock (_gate)
        {
            while (!_isClosed && _waiting.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            return _isClosed ? null : _waiting.Dequeue();
        }
    }

    /// <summary>A step has gone on, or came to nothing.</summary>
    public void Return(StageStep step)
    {
        lock (_gate)
        {
            _free.Push(step);
        }

        _places.Release();
    }

    /// <summary>Whoever takes gets nothing any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Frees the steps' buffers: when nobody fills or computes one any more.</summary>
    public void Dispose()
    {
        foreach (var step in _free.Concat(_waiting))
        {
            step.Free();
        }

        _free.Clear();
        _waiting.Clear();
        _places.Dispose();
    }

    private async ValueTask<StageStep> AwaitAsync(Task place)
    {
        await place;
        return TakeFree();
    }

    private StageStep TakeFree()
    {
        lock (_gate)
        {
            return _free.TryPop(out var step) ? step : new StageStep();
        }
    }
}
