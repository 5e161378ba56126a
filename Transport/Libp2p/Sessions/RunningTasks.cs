namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Tasks that nobody waits for until the end. They throw nothing.</summary>
internal sealed class RunningTasks
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _tasks = [];

    /// <summary>Tasks that run.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _tasks.Count;
            }
        }
    }

    public void Add(Task task)
    {
        lock (_gate)
        {
            _tasks.Add(task);
        }

        _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Adds a task whose result, or error, is for whoever waits for it: here only its end counts.</summary>
    public void AddEndOf(Task task) =>
        Add(task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));

    /// <summary>Ends when no task runs any more, those included that are added meanwhile.</summary>
    public async Task WhenEmptyAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _tasks];
            }

            if (running.Length == 0)
            {
                return;
            }

            await Task.WhenAll(running);

            // Their removal may still be under way on another thread.
            await Task.Yield();
        }
    }

    private void Remove(Task task)
    {
        lock (_gate)
        {
            _tasks.Remove(task);
        }
    }
}
