using ManagedSwarm.Engine;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <content>The steps in flight: each gets one answer, in the order in which they were sent.</content>
internal sealed partial class ChainLife
{
    /// <summary>A step is to be sent: at once where the chain runs, else when it runs again.</summary>
    /// <exception cref="SwarmException">The chain is over: why; or <c>not_ready</c>: not all streams are open yet.</exception>
    /// <exception cref="EngineException"><c>invalid_step</c>: its number is not larger than the one before.</exception>
    public void Begin(InFlightStep step)
    {
        if (Failure is { } failure)
        {
            throw new SwarmException(failure.Code, failure.Message, failure);
        }

        if (!_hasRun)
        {
            throw new SwarmException("not_ready", $"step {step.Step} comes while the chain is {State}");
        }

        if (step.Step <= _lastStep)
        {
            throw new EngineException("invalid_step", $"step {step.Step} comes behind step {_lastStep}; their numbers must grow");
        }

        _lastStep = step.Step;
        _steps.Enqueue(step);
    }

    /// <summary>The oldest step that was not sent in this epoch, which is to be sent now; null: there is none, or it cannot be sent now.</summary>
    /// <param name="patience">How long a step may take; where a stage has to be told sequences before, it is the longest time there is.</param>
    /// <param name="now">The time.</param>
    public InFlightStep? NextToSend(Func<InFlightStep, TimeSpan> patience, TimeSpan now)
    {
        if (State != ChainState.Running)
        {
            return null;
        }

        foreach (var step in _steps)
        {
            if (step.Epoch != Epoch)
            {
                if (!step.WasSent && IsDraining)
                {
                    return null;
                }

                var limit = _stages.Exists(stage => stage.IsFresh) ? _options.Step : patience(step);
                (step.Epoch, step.Since, step.Limit) = (Epoch, now, limit < _options.Step ? limit : _options.Step);
                return step;
            }
        }

        return null;
    }

    /// <summary>A result has come.</summary>
    /// <param name="step">Which step's it says it is.</param>
    /// <param name="epoch">Of which epoch it says it is.</param>
    /// <param name="linkEpoch">Of which epoch the stream is.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its step; null: it is of an epoch that is over, or none that is expected, and the last stage is lost.</returns>
    public InFlightStep? Complete(long step, int epoch, int linkEpoch, TimeSpan now)
    {
        if (State != ChainState.Running || linkEpoch != Epoch)
        {
            return null;
        }

        if (epoch == Epoch && _steps.TryPeek(out var oldest) && oldest.Step == step && oldest.Epoch == epoch)
        {
            Answered = step;
            Settle();
            return _steps.Dequeue();
        }

        var expected = _steps.TryPeek(out var next) ? $"{next.Step} of epoch {Epoch}" : "none";
        Lose(_stages[^1], new("step_order", $"it answers step {step} of epoch {epoch}; expected is {expected}"), now);
        return null;
    }

    /// <summary>
    /// A step's result is not wanted any more: all stages hear of it, and its answer comes all the same. Where layers are nobody's just now,
    /// nobody knows when that would be: the step is dropped.
    /// </summary>
    /// <returns>Whether it is dropped: its sequences are of no use any more then.</returns>
    public bool Cancel(InFlightStep step, TimeSpan now)
    {
        if (!_steps.Contains(step))
        {
            return false;
        }

        if (State != ChainState.Running)
        {
            var others = _steps.Where(other => other != step).ToArray();
            _steps.Clear();
            Array.ForEach(others, _steps.Enqueue);
            return true;
        }

        foreach (var stage in _stages)
        {
            Send(stage, new ControlMessage.Cancel(step.Step), now);
        }

        return false;
    }

    /// <summary>All steps in flight come to nothing, while the chain goes on: their sequences are gone.</summary>
    /// <returns>These steps, in order.</returns>
    public IReadOnlyList<InFlightStep> DropSteps()
    {
        var steps = _steps.ToArray();
        _steps.Clear();
        return steps;
    }

    /// <summary>What was sent first in this epoch has gone through: whatever a fresh stage had to be told came before.</summary>
    private void Settle()
    {
        foreach (var stage in _stages)
        {
            (stage.IsFresh, stage.Suspicions) = (false, 0);
        }
    }
}
