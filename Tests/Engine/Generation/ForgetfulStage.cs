using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>
/// A stage that loses all sequences at some steps, and says so then, and of each later step that is about one of them, as stages do that were
/// replaced.
/// </summary>
/// <param name="inner">Computes.</param>
/// <param name="isLost">Whether it loses them at the step of this number, from 1.</param>
internal sealed class ForgetfulStage(ToyStage inner, Func<int, bool> isLost) : IStage
{
    public LayerRange Layers => inner.Layers;

    public int StepsInFlight => 1;

    /// <summary>Steps that were asked for.</summary>
    public int StepCount { get; private set; }

    public int Losses { get; private set; }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        if (isLost(++StepCount))
        {
            Losses++;
            inner.Forget();
        }
        else if (inner.Knows(batch))
        {
            return inner.StepAsync(batch, cancellationToken);
        }

        batch.Dispose();
        throw new EngineException(EngineException.SequencesLost, "worker 2 is another one now");
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
