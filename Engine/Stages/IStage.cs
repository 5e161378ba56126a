namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// A contiguous range of layers with the KV cache of its sequences, here or on another machine.
/// Steps are taken one at a time, in order.
/// </summary>
public interface IStage : IAsyncDisposable
{
    /// <summary>The layers it owns.</summary>
    LayerRange Layers { get; }

    /// <summary>
    /// Applies the batch's sequence operations, then runs the layers over its hidden states.
    /// Ownership of <paramref name="batch"/> passes to the stage; that of the result to the caller.
    /// </summary>
    /// <returns>The batch with the hidden states behind the last layer (often the same object).</returns>
    ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken);
}
