using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>Looks at what is loaded, here and in the swarm.</summary>
internal sealed class ModelsSource(ApiServerOptions options, SwarmService swarm, ModelSlot models, CatalogView catalog, TimeProvider time)
{
    /// <param name="mayAct">Whether what lies on this machine's disk may be shown.</param>
    public ModelsSnapshot Look(bool mayAct)
    {
        var body = MemberView.Of(swarm, time.GetUtcNow()) with { Split = models.Stages?.Split };
        return new(
            options.Models is not null,
            models.Current is { } model ? ModelsView.Of(model, body.Split, body.Self) : null,
            options.Models is not null ? models.WhyNotReady?.Message : null,
            options.Models is not null && models.IsLoading ? models.Asked?.Name : null,
            catalog.Progress,
            mayAct ? models.Failure : null,
            mayAct ? catalog.Look() : [],
            body.Enabled,
            ModelsView.Of(body),
            [.. (swarm.Stages?.Host?.Stages ?? []).Where(stage => stage.State != StageState.Ended).Select(Of)]);
    }

    private HeldPart Of(HeldStage stage)
    {
        var isLoading = stage.State is StageState.Fetching or StageState.Loading;
        return new(
            stage.ModelName,
            stage.Layers.ToString(),
            stage.MemoryBytes,
            swarm.Current?.Members.FirstOrDefault(member => member.Id == stage.Head)?.Facts.Name ?? stage.Head.ToString(),
            stage.IsStandby && !isLoading ? "spare: weights only"
                : isLoading ? StageProgressText.Of(stage.Progress with { State = stage.State })
                : MemberView.NameOf(stage.State),
            isLoading ? StageProgressText.ShareOf(stage.Progress) : null);
    }
}
