using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>A step on its way through the stages: what is computed, and what will come back. It is used again for later steps.</summary>
internal sealed class StepInFlight
{
    private readonly Action _complete;
    private ValueTask<StepBatch> _result;
    private bool _isDone;

    /// <param name="signal">Set when a result comes that was not there at once.</param>
    public StepInFlight(WorkSignal signal) => _complete = () =>
    {
        Volatile.Write(ref _isDone, true);
        signal.Set();
    };

    public StepPlan Plan { get; } = new();

    /// <summary>Whether <see cref="Take"/> can be called.</summary>
    public bool IsDone => Volatile.Read(ref _isDone);

    /// <summary>It is on its way.</summary>
    public void Await(ValueTask<StepBatch> result)
    {
        _result = result;
        _isDone = result.IsCompleted;
        if (!_isDone)
        {
            // The result is taken only when this was called: its source may be used again from then on.
            result.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_complete);
        }
    }

    /// <summary>What came back, once; throws what the stages threw.</summary>
    public StepBatch Take()
    {
        var result = _result;
        _result = default;
        return result.GetAwaiter().GetResult();
    }
}
