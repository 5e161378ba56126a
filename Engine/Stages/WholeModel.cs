using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>All layers on this machine, as one stage.</summary>
internal sealed class WholeModel : IStageSource
{
    public ValueTask<IReadOnlyList<LayerRange>> PlanAsync(StageRequest request, CancellationToken cancellationToken) => new([LayersOf(request)]);

    public Task<IStage> CreateAsync(StageRequest request, IDevice device, LoadMonitor monitor, CancellationToken cancellationToken) =>
        Task.Run(() => device.CreateStage(request.Weights, LayersOf(request), request.KvCache, monitor), cancellationToken);

    private static LayerRange LayersOf(StageRequest request) => new(0, request.Weights.Config.LayerCount);
}
