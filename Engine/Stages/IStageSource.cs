using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>Decides where a model's layers are, and makes the stages: here, on other machines, or both.</summary>
public interface IStageSource
{
    /// <summary>
    /// Which layers will be on this machine. Asked first, and once, so that what has no room is refused before weights are read; others may
    /// begin their part already.
    /// </summary>
    /// <returns>In order; none: all layers are elsewhere.</returns>
    /// <exception cref="EngineException">The model cannot be placed.</exception>
    ValueTask<IReadOnlyList<LayerRange>> PlanAsync(StageRequest request, CancellationToken cancellationToken);

    /// <summary>Makes one stage of all layers, which is ready when it is returned; the caller owns it.</summary>
    /// <param name="request">The one that was planned for.</param>
    /// <param name="device">Makes the stages that are on this machine, and outlives them.</param>
    /// <param name="monitor">Told what is loaded on this machine, and may end it.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    /// <exception cref="EngineException">A part cannot be loaded, here or elsewhere; nothing is left behind.</exception>
    /// <exception cref="OperationCanceledException">The load was cancelled; nothing is left behind.</exception>
    Task<IStage> CreateAsync(StageRequest request, IDevice device, LoadMonitor monitor, CancellationToken cancellationToken);
}
