using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// What a stage does with the steps of one epoch, and what it sends on: no sockets, no threads. A step that it has computed in an earlier
/// epoch is not computed again: what it sent then is sent once more.
/// </summary>
/// <param name="runner">Whose epoch it is.</param>
/// <param name="links">The stage's place in it.</param>
/// <param name="computer">Computes.</param>
/// <param name="writer">To the next stage, or the head.</param>
internal sealed class StagePass(StageRunner runner, StageLinks links, StepComputer computer, StepFrameWriter writer)
{
    /// <summary>A step has come.</summary>
    /// <exception cref="SwarmException"><c>wrong_epoch</c>, <c>step_order</c>, <c>plan_over</c>, <c>protocol_violation</c></exception>
    public static void Accept(StageStep step, StageLinks links, StepCanceller canceller)
    {
        if (!step.IsReplay)
        {
            canceller.Accept(step.Batch.Step, step.Batch.Epoch);
        }
        else if (!links.IsFresh || step.Batch.Epoch != links.Epoch)
        {
            throw new SwarmException(
                "protocol_violation", $"sequences of epoch {step.Batch.Epoch} are told to a stage that has its own in epoch {links.Epoch}");
        }
    }

    /// <summary>Tells the next stage all sequences, if it has none of them; a stage that has none itself passes on what it is told.</summary>
    /// <returns>Something for each frame that was written.</returns>
    public IEnumerable<bool> TellNext()
    {
        if (links is { ReplaysNext: true, IsFresh: false })
        {
            foreach (var step in runner.Log.Replay(runner.Offer.TokensPerStep))
            {
                writer.WriteReplay(step, links.Epoch);
                yield return true;
            }
        }
    }

    /// <summary>Takes a step through the stage and writes what goes on.</summary>
    /// <param name="step">That was accepted.</param>
    /// <param name="cancellationToken">Ends the computing of what the stage is told, which nobody waits for when the epoch is over.</param>
    public void Pass(StageStep step, CancellationToken cancellationToken)
    {
        if (step.IsReplay)
        {
            Learn(step, cancellationToken);
            return;
        }

        runner.Log.Acknowledge(step.Answered);
        if (step.Batch.Step <= runner.Done)
        {
            SendAgain(step);
            return;
        }

        var outgoing = computer.Run(step);
        runner.Record(outgoing, step.Failure, step.Trace);
        Send(step, outgoing);
    }

    private void Learn(StageStep step, CancellationToken cancellationToken)
    {
        var outgoing = computer.Learn(step, cancellationToken);
        runner.RecordReplay(outgoing);
        if (links.ReplaysNext)
        {
            writer.WriteReplay(outgoing, links.Epoch);
        }
    }

    private void SendAgain(StageStep step)
    {
        var sent = runner.Log.Find(step.Batch.Step)
            ?? throw new SwarmException("step_order", $"step {step.Batch.Step} comes again, which the head has the result of");
        if (links.IsLast)
        {
            writer.WriteLoggedResult(sent, links.Epoch);
        }
        else
        {
            writer.WriteLogged(sent, links.Epoch, step.Answered);
        }
    }

    /// <param name="step">Its trace, and why it was not computed.</param>
    /// <param name="outgoing">Its number and operations, and the hidden states where it was.</param>
    private void Send(StageStep step, StepBatch outgoing)
    {
        if (links.IsLast)
        {
            writer.WriteResult(outgoing, links.Epoch, step.Failure, step.Trace);
        }
        else if (step.Failure is { } failure)
        {
            writer.WriteFailed(outgoing, links.Epoch, step.Answered, failure, step.Trace);
        }
        else
        {
            writer.Write(outgoing, links.Epoch, step.Answered, step.Trace);
        }
    }
}
