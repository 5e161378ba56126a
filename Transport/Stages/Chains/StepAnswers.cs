using ManagedSwarm.Engine;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>Reads what a chain's last stage sends, and gives each step its answer.</summary>
/// <param name="driver">Knows which step is expected.</param>
/// <param name="plan">Whose chain it is.</param>
/// <param name="log">What was sent and answered.</param>
/// <param name="times">What steps take.</param>
internal sealed class StepAnswers(ChainDriver driver, ChainPlan plan, BoundaryLog log, ChainTimes times)
{
    private readonly FrameLimits _limits = FrameLimits.ForSteps(plan.TokensPerStep, plan.HiddenSize, plan.Wire);

    /// <summary>Until the stream ends, or says what it must not.</summary>
    public async Task ReceiveAsync(StageLink link, int epoch, CancellationToken cancellationToken)
    {
        var results = new ResultFrameReader(plan.HiddenSize, plan.Wire, _limits);
        while (true)
        {
            var frame = await link.Reader.ReadAsync(_limits, cancellationToken);
            if (frame.IsEmpty)
            {
                throw new SwarmException("stream_closed", "the stream of results was closed");
            }

            try
            {
                results.Read(frame);
                if (driver.Complete(results.Step, results.Epoch, epoch) is { } step)
                {
                    Answer(step, results, epoch);
                    driver.Settled();
                }
            }
            finally
            {
                link.Reader.Advance();
            }
        }
    }

    private void Answer(PendingStep step, ResultFrameReader results, int epoch)
    {
        if (step.SentEpoch != epoch)
        {
            var early = new SwarmException("protocol_violation", $"step {step.Step} was answered before it was sent");
            step.Fail(early, isOurs: false);
            throw early;
        }

        log.Apply(step.Batch, step.IsUnwanted ? StepFailure.CancelledAt(0) : results.Failure);
        if (results.Failure is { } failure)
        {
            Fail(step, failure);
            return;
        }

        try
        {
            results.CopyTo(step.Batch);
        }
        catch (SwarmException exception)
        {
            step.Fail(new SwarmException("stage_lost", exception.Message, exception), isOurs: true);
            throw;
        }

        times.Add(step, results.Trace);
        step.Complete();
    }

    private void Fail(PendingStep step, StepFailure failure)
    {
        if (failure.IsCancellation)
        {
            step.Cancel();
            return;
        }

        var stages = driver.Stages;
        var stage = stages[Math.Clamp(failure.Stage, 0, stages.Count - 1)];
        step.Fail(new EngineException(failure.Code, $"{failure.Text} ({stage}, step {step.Step})"), isOurs: true);
    }
}
