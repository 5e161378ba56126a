namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// A contiguous range of layers with the KV cache of its sequences, here or on another machine.
/// Steps are computed in the order of the calls, and may overlap on their way through it.
/// </summary>
public interface IStage : IAsyncDisposable
{
    /// <summary>The layers it owns.</summary>
    LayerRange Layers { get; }

    /// <summary>
    /// How many steps are worth having in flight at once, at least 1; may change at any time. A stage that is done when
    /// <see cref="StepAsync"/> returns says 1; one that others compute for says 2 or more, so that nobody waits while results travel.
    /// </summary>
    int StepsInFlight { get; }

    /// <summary>
    /// Applies the batch's sequence operations, then runs the layers over its hidden states.
    /// Ownership of <paramref name="batch"/> passes to the stage; that of the result to the caller.
    /// It may be called again before earlier results have come, up to <see cref="StepsInFlight"/> steps at once, but not by two threads at a
    /// time; each step then finds what the earlier ones have left. Once one has failed, nobody knows what the later ones have found: the
    /// caller waits for all that are in flight, and takes none of the later results. An error of the code
    /// <see cref="EngineException.SequencesLost"/> says that no sequence is open any more, and that the stage can go on with new ones.
    /// A result that comes later is handed over asynchronously: whoever waits for it may compute for long on the thread that brings it.
    /// </summary>
    /// <returns>The batch with the hidden states behind the last layer (often the same object).</returns>
    ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken);
}
