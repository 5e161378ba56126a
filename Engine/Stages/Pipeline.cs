namespace ManagedSwarm.Engine.Stages;

/// <summary>Stages one after the other: together they own a contiguous range of layers, and are a stage themselves.</summary>
public sealed class Pipeline : IStage
{
    private readonly IReadOnlyList<IStage> _stages;

    /// <param name="stages">In order; each begins where the one before ends. The pipeline owns them.</param>
    /// <exception cref="EngineException"><c>layer_range</c>: there is a gap or an overlap, or no stage at all.</exception>
    public Pipeline(IReadOnlyList<IStage> stages)
    {
        if (stages.Count == 0)
        {
            throw new EngineException("layer_range", "a pipeline needs at least one stage");
        }

        for (var i = 1; i < stages.Count; i++)
        {
            if (stages[i].Layers.First != stages[i - 1].Layers.End)
            {
                throw new EngineException("layer_range", $"stage {i} has layers {stages[i].Layers}; expected is a range from {stages[i - 1].Layers.End} on");
            }
        }

        _stages = stages;
        var first = stages[0].Layers.First;
        Layers = new LayerRange(first, stages[^1].Layers.End - first);
    }

    public LayerRange Layers { get; }

    public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        foreach (var stage in _stages)
        {
            batch = await stage.StepAsync(batch, cancellationToken);
        }

        return batch;
    }

    /// <summary>Disposes all stages, whatever becomes of each.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_stages.Select(async stage => await stage.DisposeAsync()));
}
