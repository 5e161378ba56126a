using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// Computes a worker's steps, one at a time, on the thread that calls. One that fails or is cancelled goes on as such, its operations done:
/// so all stages know the same sequences.
/// </summary>
/// <param name="stage">Who computes.</param>
/// <param name="layers">Its layers.</param>
/// <param name="index">Which of the plan's stages it is.</param>
/// <param name="canceller">Which steps are wanted.</param>
/// <param name="options">Clock and log.</param>
/// <param name="metrics">What it took.</param>
internal sealed class StepComputer(IStage stage, LayerRange layers, int index, StepCanceller canceller, StageOptions options, StageMetrics metrics)
{
    /// <summary>Takes a step through the stage.</summary>
    /// <param name="step">Gets a hop more; and the reason, where it is not computed.</param>
    /// <returns>What goes on: its number and operations, and the hidden states where it was computed. Good until the step's next use.</returns>
    public StepBatch Run(StageStep step)
    {
        var start = options.Time.GetTimestamp();
        var incoming = step.Batch;
        var (isWanted, cancellation) = canceller.Begin(incoming.Step);
        try
        {
            var outgoing = step.Failure is null && isWanted ? Compute(step, cancellation) : Skip(step);
            var end = options.Time.GetTimestamp();
            var hop = HopTime.Of(options.Time.GetElapsedTime(step.Arrived, start), options.Time.GetElapsedTime(start, end));
            step.AddHop(hop);
            metrics.Computed(layers, "worker", hop);
            return outgoing;
        }
        finally
        {
            canceller.End(incoming.Step);
        }
    }

    /// <summary>Takes what the stage did not know through it.</summary>
    /// <returns>What goes on. Good until the step's next use.</returns>
    public StepBatch Learn(StageStep step, CancellationToken cancellationToken) => Pass(step, cancellationToken);

    private StepBatch Compute(StageStep step, CancellationToken cancellation)
    {
        var incoming = step.Batch;
        try
        {
            return Pass(step, cancellation);
        }
        catch (Exception exception)
        {
            step.Failure = FailureOf(exception, cancellation);
            LogFailure(exception, incoming.Step, step.Failure);
            return incoming;
        }
    }

    private StepBatch Pass(StageStep step, CancellationToken cancellationToken)
    {
        var incoming = step.Batch;
        try
        {
            var outgoing = Wait(stage.StepAsync(incoming, cancellationToken));
            RequireShape(incoming, outgoing);
            step.Replace(outgoing);
            return outgoing;
        }
        catch
        {
            // A stage disposes a batch that it fails with; number and operations can still be read.
            step.Forget();
            throw;
        }
    }

    /// <summary>Does the operations alone.</summary>
    private StepBatch Skip(StageStep step)
    {
        var incoming = step.Batch;
        step.Failure ??= StepFailure.CancelledAt(index);
        if (incoming.Operations.Length == 0)
        {
            return incoming;
        }

        var operations = new StepBatch(incoming.Step, incoming.Epoch, incoming.Operations.ToArray(), [], incoming.HiddenSize);
        try
        {
            Wait(stage.StepAsync(operations, CancellationToken.None)).Dispose();
        }
        catch (Exception exception)
        {
            // What made it fail elsewhere is what the head is told.
            LogFailure(exception, incoming.Step, FailureOf(exception, CancellationToken.None));
        }

        return incoming;
    }

    /// <summary>A local stage is done when it returns.</summary>
    private static StepBatch Wait(ValueTask<StepBatch> step) =>
        step.IsCompletedSuccessfully ? step.Result : step.AsTask().GetAwaiter().GetResult();

    private static void RequireShape(StepBatch incoming, StepBatch outgoing)
    {
        if (outgoing.HiddenSize != incoming.HiddenSize || outgoing.TokenCount != incoming.TokenCount)
        {
            outgoing.Dispose();
            throw new EngineException("stage_failed", $"the stage returned {outgoing.TokenCount} hidden states of {outgoing.HiddenSize} floats");
        }
    }

    private StepFailure FailureOf(Exception exception, CancellationToken cancellation)
    {
        if (exception is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            return StepFailure.CancelledAt(index);
        }

        var fault = StageFault.Of(exception);
        return new StepFailure(index, fault.Code, fault.Text);
    }

    private void LogFailure(Exception exception, long step, StepFailure failure)
    {
        if (exception is EngineException or OperationCanceledException)
        {
            TransportLog.StepFailed(options.Logger, layers, step, failure.Code, failure.Text);
        }
        else
        {
            TransportLog.StageBroken(options.Logger, exception, layers);
        }
    }
}
