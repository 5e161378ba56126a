using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p.Workers;

/// <summary>What there is to say about a worker's stages: each one's beginning and end, and now and then how far it is. One thread at a time.</summary>
/// <param name="nameOf">What a head is called.</param>
internal sealed class HeldStagesLog(Func<PeerId, string> nameOf)
{
    /// <summary>Between two lines about one stage's progress, at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(PlanId Plan, string Layers), Shown> _stages = [];

    /// <summary>What is new.</summary>
    /// <param name="stages">All that the worker has now.</param>
    /// <param name="now">By a clock that never goes back.</param>
    public IReadOnlyList<HeldStagesLine> Update(IReadOnlyList<HeldStage> stages, TimeSpan now)
    {
        var lines = new List<HeldStagesLine>();
        var present = stages.Where(stage => stage.State != StageState.Ended).DistinctBy(KeyOf).ToDictionary(KeyOf);
        foreach (var (key, shown) in _stages.Where(pair => !present.ContainsKey(pair.Key)).ToList())
        {
            _stages.Remove(key);
            lines.Add(new(shown.IsStandby ? $"No spare for {shown.Name} any more" : $"Freed {shown.Name}", IsProgress: false));
        }

        foreach (var (key, stage) in present)
        {
            AddNews(lines, key, stage, now);
        }

        return lines;
    }

    private void AddNews(List<HeldStagesLine> lines, (PlanId Plan, string Layers) key, HeldStage stage, TimeSpan now)
    {
        var name = $"layers {stage.Layers} of {stage.ModelName}";
        if (!_stages.TryGetValue(key, out var shown))
        {
            lines.Add(new(
                stage.IsStandby ? $"A spare of {nameOf(stage.Head)} for {name}" : $"Taking {name} for {nameOf(stage.Head)}", IsProgress: false));
            // The first line about progress follows when there is some.
            _stages[key] = shown = new(name, stage.IsStandby, StageState.Fetching, null);
        }

        if (stage.State is StageState.Fetching or StageState.Loading)
        {
            var isNew = stage.State != shown.State || shown.At is not { } last || now - last >= Interval;
            if (isNew && stage.Progress.BytesTotal > 0)
            {
                _stages[key] = shown with { State = stage.State, At = now };
                lines.Add(new($"{name}: {StageProgressText.Of(stage.Progress with { State = stage.State })}", IsProgress: true));
            }
        }
        else if (stage.State != shown.State)
        {
            _stages[key] = shown with { State = stage.State, At = now };
            if (stage.State == StageState.Running)
            {
                lines.Add(new($"Serving {name} for {nameOf(stage.Head)}", IsProgress: false));
            }
            else if (stage.IsStandby && stage.State == StageState.Ready)
            {
                lines.Add(new($"Keeping the weights of {name} for {nameOf(stage.Head)}", IsProgress: false));
            }
        }
    }

    private static (PlanId Plan, string Layers) KeyOf(HeldStage stage) => (stage.Plan, stage.Layers.ToString());

    private sealed record Shown(string Name, bool IsStandby, StageState State, TimeSpan? At);
}
