using ManagedSwarm.Engine.Model;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>What is loaded where, out of what the API tells.</summary>
internal static class ModelsView
{
    /// <summary>The model that this node serves.</summary>
    /// <param name="model">The model.</param>
    /// <param name="split">How its layers are spread; null: all are here.</param>
    /// <param name="self">This node's id; null: it is in no swarm.</param>
    public static OwnModel Of(IServedModel model, SplitBody? split, string? self)
    {
        var memory = model.Memory;
        int[]? here = memory is null ? null : [.. Enumerable.Range(0, memory.LayerWeights.Count).Where(layer => split is null || IsHere(split, self, layer))];
        var load = model.Generator.Load;
        return new(
            model.Id,
            model.ContextLength,
            memory?.LayerWeights.Count,
            here?.Length,
            here is null ? null : WeightsOf(memory!, here),
            here?.Length * memory?.KvPerLayer,
            load.Active,
            load.Waiting);
    }

    /// <summary>The swarm's models: by their hashes, or by their ids as long as those are not computed.</summary>
    public static IReadOnlyList<SwarmModel> Of(SwarmBody swarm)
    {
        var present = swarm.Members.Where(member => member.State is not ("lost" or "left")).ToList();
        var served = present
            .SelectMany(member => member.Models.Select(model => (Member: member, Model: model)))
            .GroupBy(pair => pair.Model.Hash.Length > 0 ? pair.Model.Hash : pair.Model.Id)
            .Select(group => Of(group.First().Model, [.. group.Select(pair => pair.Member)], present, swarm))
            .ToList();
        var known = served.Select(model => model.Hash).ToHashSet();
        var parts = present.SelectMany(member => member.Layers).Select(layers => layers.ModelHash).Distinct().Where(hash => !known.Contains(hash));
        return [.. served.OrderBy(model => model.Id, StringComparer.Ordinal), .. parts.Select(hash => new SwarmModel(null, hash, null, [], PartsOf(hash, present)))];
    }

    private static SwarmModel Of(ModelBody model, IReadOnlyList<MemberBody> serving, IReadOnlyList<MemberBody> present, SwarmBody swarm)
    {
        var isOwn = serving.Any(member => member.IsSelf);
        return new(
            model.Id,
            model.Hash,
            model.Bytes > 0 ? model.Bytes : null,
            [.. serving.Select(member => new ModelPlace(member.Id, member.Name, member.IsSelf, member.State))],
            // The head knows best, and its own layers are in no record.
            isOwn && swarm.Split is { } split ? PartsOf(split, present) : model.Hash.Length > 0 ? PartsOf(model.Hash, present) : []);
    }

    private static IReadOnlyList<ModelPlace> PartsOf(string hash, IReadOnlyList<MemberBody> present) =>
    [
        .. present
            .SelectMany(member => member.Layers
                .Where(layers => layers.ModelHash == hash)
                .Select(layers => new ModelPlace(member.Id, member.Name, member.IsSelf, member.State, layers.First, layers.End)))
            .OrderBy(place => place.First),
    ];

    private static IReadOnlyList<ModelPlace> PartsOf(SplitBody split, IReadOnlyList<MemberBody> present)
    {
        var members = present.ToDictionary(member => member.Id);
        return
        [
            .. split.Stages.Select(stage => members.TryGetValue(stage.Id, out var member)
                ? new ModelPlace(stage.Id, stage.Name, member.IsSelf, member.State, stage.First, stage.End)
                : new ModelPlace(stage.Id, stage.Name, false, "lost", stage.First, stage.End)),
        ];
    }

    private static bool IsHere(SplitBody split, string? self, int layer) =>
        split.Stages.Any(stage => stage.Id == self && stage.First <= layer && layer < stage.End);

    private static long WeightsOf(ModelMemory memory, int[] layers) => memory.HeadWeights + layers.Sum(layer => memory.LayerWeights[layer]);
}
