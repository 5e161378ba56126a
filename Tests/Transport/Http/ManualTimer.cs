namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>A time in which one timer runs, and runs out when the test says so.</summary>
internal sealed class ManualTimer : TimeProvider
{
    private Action? _fire;

    /// <summary>What the timer was set to.</summary>
    public TimeSpan? DueTime { get; private set; }

    public void Fire() => _fire!();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        _fire = () => callback(state);
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
