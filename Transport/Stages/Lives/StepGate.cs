namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>
/// Which steps a stage takes, and which it need not compute: those of its epoch, each with a larger number than the one before. One thread
/// at a time.
/// </summary>
/// <param name="epoch">The plan's.</param>
internal sealed class StepGate(int epoch)
{
    /// <summary>Cancelled steps that are remembered; the head has far fewer in flight.</summary>
    public const int MaxCancelled = 256;

    private readonly SortedSet<long> _cancelled = [];
    private long? _accepted;
    private long? _done;
    private bool _isClosed;

    /// <summary>Cancelled steps that are still to come, or to be done.</summary>
    public int CancelledCount => _cancelled.Count;

    /// <exception cref="SwarmException"><c>wrong_epoch</c>, <c>step_order</c>; <c>plan_over</c>: nothing is accepted any more.</exception>
    public void Accept(long step, int stepEpoch)
    {
        if (_isClosed)
        {
            throw new SwarmException("plan_over", $"step {step} comes behind the end of its plan");
        }

        if (stepEpoch != epoch)
        {
            throw new SwarmException("wrong_epoch", $"step {step} is of epoch {stepEpoch}; expected is {epoch}");
        }

        if (step <= _accepted)
        {
            throw new SwarmException("step_order", $"step {step} comes behind step {_accepted}");
        }

        _accepted = step;
    }

    /// <summary>A step is not wanted any more; it may have come, or be still to come.</summary>
    public void Cancel(long step)
    {
        if (step <= _done || !_cancelled.Add(step))
        {
            return;
        }

        if (_cancelled.Count > MaxCancelled)
        {
            _cancelled.Remove(_cancelled.Min);
        }
    }

    public bool IsCancelled(long step) => _cancelled.Contains(step);

    /// <summary>A step has gone on.</summary>
    public void Done(long step)
    {
        _done = step;
        while (_cancelled.Count > 0 && _cancelled.Min <= step)
        {
            _cancelled.Remove(_cancelled.Min);
        }
    }

    /// <summary>Accepts nothing any more.</summary>
    public void Close() => _isClosed = true;
}
