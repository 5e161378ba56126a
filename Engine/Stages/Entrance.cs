namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// Lets steps into a stage in the order of their numbers, one after the other, whenever they come: each number either enters or is skipped.
/// Where a step comes when it is its turn, nothing waits and nothing is allocated.
/// </summary>
internal sealed class Entrance
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource> _waiting = [];
    private readonly HashSet<long> _skipped = [];
    private long _turn;

    /// <summary>Waits until all steps before have entered; then whoever waited enters, and calls <see cref="Leave"/>.</summary>
    public ValueTask WaitAsync(long step)
    {
        lock (_gate)
        {
            if (_turn == step)
            {
                return ValueTask.CompletedTask;
            }

            // What is behind the entrance may compute for long: not on the thread of the step before.
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(step, turn);
            return new ValueTask(turn.Task);
        }
    }

    /// <summary>The step whose turn it is has entered.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            do
            {
                _turn++;
            }
            while (_skipped.Remove(_turn));

            if (_waiting.Remove(_turn, out var next))
            {
                next.SetResult();
            }
        }
    }

    /// <summary>A step will not enter; nobody waits for it.</summary>
    public void Skip(long step)
    {
        lock (_gate)
        {
            if (_turn != step)
            {
                _skipped.Add(step);
                return;
            }
        }

        Leave();
    }
}
