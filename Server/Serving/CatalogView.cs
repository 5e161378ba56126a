using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;

namespace ManagedSwarm.Server.Serving;

/// <summary>The models that this node may load, with how they are now.</summary>
internal sealed class CatalogView(ModelService serving, ModelSlot slot)
{
    /// <summary>None where this node serves no models.</summary>
    public IReadOnlyList<(ModelFile File, ModelState State)> Look() =>
        [.. (serving.Catalog?.List() ?? []).Select(file => (file, StateOf(file.Name)))];

    /// <summary>How far the load that runs is, 0 to 1; null: none runs, or it cannot be told.</summary>
    public double? Progress => slot.IsLoading ? slot.Status?.Progress ?? (slot.Loading is { } loading ? StageProgressText.ShareOf(loading) : null) : null;

    private ModelState StateOf(string name) =>
        slot.Failure?.Model == name ? ModelState.Failed
        : slot.Asked?.Name != name ? ModelState.Unloaded
        : slot.Current is not null ? ModelState.Loaded
        : slot.IsLoading ? ModelState.Loading : ModelState.Unloaded;
}
