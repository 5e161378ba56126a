namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Where those who ask and the thread that answers meet, at one lock, which is never held over a step: requests come in and are cancelled,
/// steps are planned, tokens are noted, and requests end.
/// </summary>
/// <param name="scheduler">Used by nobody else.</param>
/// <param name="signal">Set when there may be something new to plan.</param>
/// <param name="time">The clock of <see cref="ActiveRequest.Submitted"/>.</param>
internal sealed class RequestDesk(Scheduler scheduler, WorkSignal signal, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly RetryEstimate _retry = new();
    private bool _stopped;

    /// <summary>An exception for each request that has one: each is thrown on a thread of its own.</summary>
    public static EngineException Wrap(Exception error, string code) =>
        new((error as EngineException)?.Code ?? code, error.Message, error);

    public T Ask<T>(Func<Scheduler, T> question)
    {
        lock (_gate)
        {
            return question(scheduler);
        }
    }

    /// <summary>Takes a request in, or lets it wait.</summary>
    /// <exception cref="EngineException"><c>shutting_down</c>, and those of <see cref="Scheduler.Submit"/>.</exception>
    public void Submit(ActiveRequest request)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                throw Stopping();
            }

            Enqueue(request);
            signal.Set();
        }
    }

    /// <summary>Ends a request, if it has not ended; with an error, reading its events ends in it.</summary>
    public void Cancel(ActiveRequest request, Exception? error = null)
    {
        lock (_gate)
        {
            if (!request.IsOver)
            {
                scheduler.Cancel(request);
                request.Complete(error);
                Leaves(request);
                signal.Set();
            }
        }
    }

    /// <inheritdoc cref="Scheduler.TryPlan"/>
    public bool TryPlan(StepPlan plan, int depth, int inFlight)
    {
        lock (_gate)
        {
            return scheduler.TryPlan(plan, depth, inFlight);
        }
    }

    /// <summary>A choice has its next token.</summary>
    public void Commit(ActiveRequest request, Sequence sequence, int token, bool isOver)
    {
        lock (_gate)
        {
            if (!isOver)
            {
                sequence.Append(token);
                return;
            }

            scheduler.Finish(sequence);
            if (request.IsOver)
            {
                request.Complete();
                Leaves(request);
            }
        }
    }

    /// <summary>The steps in flight have failed: see <see cref="Scheduler.Fail"/>.</summary>
    public void Fail(IReadOnlyList<StepPlan> plans, Exception error)
    {
        lock (_gate)
        {
            Complete(scheduler.Fail(plans), error);
        }
    }

    /// <summary>The stages have lost all sequences: see <see cref="Scheduler.Restart"/>.</summary>
    public void Restart(IReadOnlyList<StepPlan> plans, EngineException error)
    {
        lock (_gate)
        {
            Complete(scheduler.Restart(plans), error);
        }
    }

    /// <summary>Ends all requests, and takes no more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var group in scheduler.CancelAll())
            {
                ((ActiveRequest)group).Complete(Stopping());
            }
        }
    }

    private static void Complete(IReadOnlyList<SequenceGroup> groups, Exception error)
    {
        foreach (var group in groups)
        {
            ((ActiveRequest)group).Complete(Wrap(error, "stage_failed"));
        }
    }

    private static EngineException Stopping() => new("shutting_down", "the engine is shutting down; the request was not finished");

    private void Enqueue(ActiveRequest request)
    {
        try
        {
            scheduler.Submit(request);
        }
        catch (EngineException refusal) when (refusal.Code == "queue_full")
        {
            throw new EngineException(refusal.Code, refusal.Message, refusal)
            {
                RetryAfter = _retry.Next(scheduler.RequestCount),
            };
        }
    }

    private void Leaves(ActiveRequest request) => _retry.Leaves(time.GetElapsedTime(request.Submitted));
}
