using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>The steps of a chain, as its driver sees them.</summary>
internal interface IChainSteps
{
    /// <summary>Reads results of an epoch until the stream ends, and throws why.</summary>
    Task ReceiveAsync(StageLink link, int epoch, CancellationToken cancellationToken);

    /// <summary>The chain runs in another epoch: what is not answered is to be sent.</summary>
    void Resume();

    /// <summary>
    /// Some stage has no sequences: those that cannot be told to it are gone, and further steps with them fail. Called under the driver's lock.
    /// </summary>
    /// <returns>Whether there are any.</returns>
    bool GiveUpForgotten();

    /// <summary>A step was dropped: further ones with its sequences fail. Called under the driver's lock.</summary>
    void Forget(PendingStep step);

    /// <summary>Refuses a step that could not go through. Called under the driver's lock.</summary>
    /// <exception cref="Engine.EngineException"><c>sequences_lost</c></exception>
    void Require(PendingStep step);

    /// <summary>Steps come to nothing. Called under the driver's lock.</summary>
    void Fail(IReadOnlyList<InFlightStep> steps, Exception reason);
}
