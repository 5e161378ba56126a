using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>The steps in flight, in the order in which they were started and end. For one thread; steps and their batches are used again.</summary>
internal sealed class StepLine(StepRunner runner, IStage stage, WorkSignal signal)
{
    private readonly Queue<StepInFlight> _inFlight = new();
    private readonly Stack<StepInFlight> _idle = new();

    public int Count => _inFlight.Count;

    /// <summary>How many may be in flight now.</summary>
    public int Depth => Math.Max(1, stage.StepsInFlight);

    public bool IsOldestDone => _inFlight.TryPeek(out var oldest) && oldest.IsDone;

    /// <summary>The plan of the step that is started next.</summary>
    public StepPlan NextPlan
    {
        get
        {
            if (_idle.Count == 0)
            {
                _idle.Push(new StepInFlight(signal));
            }

            return _idle.Peek().Plan;
        }
    }

    /// <summary>Sends the step of <see cref="NextPlan"/> on its way; what goes wrong is found when it is finished.</summary>
    public void StartNext(CancellationToken cancellationToken)
    {
        var step = _idle.Pop();
        _inFlight.Enqueue(step);
        runner.Start(step, cancellationToken);
    }

    /// <summary>The plan of the oldest step; as it is until the next step is planned.</summary>
    public StepPlan OldestPlan => _inFlight.Peek().Plan;

    /// <summary>Takes what the oldest step, which is done, brings, and computes its logits; throws what went wrong. It is in flight no more.</summary>
    public void FinishOldest() => runner.Finish(Recycle());

    /// <summary>Waits for all in flight, whatever becomes of them, and drops what they bring.</summary>
    /// <returns>What they were, the oldest first.</returns>
    public IReadOnlyList<StepPlan> DropAll()
    {
        var plans = new List<StepPlan>();
        while (_inFlight.TryPeek(out var oldest))
        {
            if (oldest.IsDone)
            {
                StepRunner.Drop(Recycle());
                plans.Add(oldest.Plan);
            }
            else
            {
                signal.Wait();
            }
        }

        // Others may have signalled in the meantime.
        signal.Set();
        return plans;
    }

    private StepInFlight Recycle()
    {
        var step = _inFlight.Dequeue();
        _idle.Push(step);
        return step;
    }
}
