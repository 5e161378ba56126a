using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>Layers that are about to change hands.</summary>
/// <param name="old">Who has them: stages that follow each other.</param>
/// <param name="stages">Who will have them, in order; those that keep some of theirs are among the old ones, too.</param>
/// <param name="kept">What these keep.</param>
internal sealed class HandOver(
    IReadOnlyList<ChainStage> old, IReadOnlyList<ChainStage> stages, IReadOnlyDictionary<ChainStage, LayerRange> kept)
{
    // What a message has room for; a chain in which one stage takes from more is told all anew.
    private const int MostTakes = 8;

    private readonly HashSet<ChainStage> _ready = [];
    private Dictionary<ChainStage, ChainTake[]> _takes = [];

    public IReadOnlyList<ChainStage> Old { get; } = [.. old];

    public IReadOnlyList<ChainStage> Stages { get; } = [.. stages];

    /// <summary>Those that come new, and load.</summary>
    public IReadOnlyList<ChainStage> Coming { get; } = [.. stages.Except(old)];

    /// <summary>Those that keep a part of their layers, and which.</summary>
    public IReadOnlyDictionary<ChainStage, LayerRange> Kept { get; } = kept;

    /// <summary>Whether no step is sent any more, so that all stages know the same sequences before layers change hands.</summary>
    public bool IsDraining { get; set; }

    /// <summary>What the stages that come take from the old ones, where keys and values can be moved; the others are told all anew.</summary>
    public IReadOnlyDictionary<ChainStage, ChainTake[]> Takes => _takes;

    /// <summary>The stages that are taken from.</summary>
    public IEnumerable<ChainStage> Givers => _takes.Values.SelectMany(takes => takes).Select(take => take.Giver).Distinct();

    /// <summary>Whether all givers are.</summary>
    public bool IsGiving => Givers.All(_ready.Contains);

    /// <summary>Finds out who can take from whom.</summary>
    public void FindTakes()
    {
        _takes = Coming.Select(stage => (stage, Takes: TakesOf(stage))).Where(found => found.Takes.Length > 0)
            .ToDictionary(found => found.stage, found => found.Takes);
        _ready.Clear();
    }

    /// <summary>Nobody takes anything.</summary>
    public void DropTakes() => _takes = [];

    /// <summary>Who takes from a giver.</summary>
    public IReadOnlyList<ChainStage> TakersOf(ChainStage giver) =>
        [.. _takes.Where(pair => pair.Value.Any(take => take.Giver == giver)).Select(pair => pair.Key)];

    /// <summary>A giver computes nothing any more: what it has can be read.</summary>
    public void Gives(ChainStage giver) => _ready.Add(giver);

    /// <returns>None: some of it cannot be moved, as its owner does not know all sequences itself, or computes otherwise.</returns>
    private ChainTake[] TakesOf(ChainStage stage)
    {
        var takes = Old.Select(giver => new ChainTake(giver, giver.Index, Common(giver.Layers, stage.Layers))).Where(take => take.Layers.Count > 0).ToArray();
        return takes.Length <= MostTakes && takes.All(take => CanMove(take.Giver, stage)) ? takes : [];
    }

    private static bool CanMove(ChainStage giver, ChainStage taker) =>
        !giver.IsLost && !giver.IsFresh && giver.Ready is { IsMovable: true } one && taker.Ready is { IsMovable: true } other
        && one.Numerics == other.Numerics;

    private static LayerRange Common(LayerRange one, LayerRange other)
    {
        var first = Math.Max(one.First, other.First);
        return new(first, Math.Max(0, Math.Min(one.End, other.End) - first));
    }
}
