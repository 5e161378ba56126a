namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>A clock that jumps from one event to the next.</summary>
internal sealed class SimulatedTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private long _number;

    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _number++));

    /// <summary>Does what happens until then.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (_events.TryPeek(out var action, out var priority) && priority.At <= end)
        {
            _events.Dequeue();
            Now = priority.At;
            action();
        }

        Now = end;
    }
}
