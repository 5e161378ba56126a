namespace ManagedSwarm.Engine.Stages;

/// <summary>Stages one after the other: together they own a contiguous range of layers, and are a stage themselves.</summary>
public sealed class Pipeline : IStage
{
    private readonly IReadOnlyList<IStage> _stages;
    private readonly Entrance[] _entrances;
    private long _steps;

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
        _entrances = [.. stages.Select(_ => new Entrance())];
        var first = stages[0].Layers.First;
        Layers = new LayerRange(first, stages[^1].Layers.End - first);
    }

    public LayerRange Layers { get; }

    /// <summary>
    /// As many as the stage that wants most; where that is one of another machine, one more for each stage that computes here, beside it.
    /// </summary>
    public int StepsInFlight
    {
        get
        {
            var (most, local) = (1, 0);
            foreach (var stage in _stages)
            {
                var steps = stage.StepsInFlight;
                most = Math.Max(most, steps);
                local += steps > 1 ? 0 : 1;
            }

            return most > 1 ? most + local : 1;
        }
    }

    /// <summary>
    /// Takes the batch through all stages. A step enters a stage only when the earlier ones have entered it, whoever is done first with the
    /// stage before; and a stage that computes here has then done with them.
    /// </summary>
    public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        var step = _steps++;
        var next = 0;
        try
        {
            while (next < _stages.Count)
            {
                await _entrances[next].WaitAsync(step);
                batch = await Enter(next++, batch, cancellationToken);
            }

            return batch;
        }
        finally
        {
            // Where it failed, the later ones must not wait for it.
            for (; next < _stages.Count; next++)
            {
                _entrances[next].Skip(step);
            }
        }
    }

    /// <summary>Disposes all stages, whatever becomes of each.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_stages.Select(async stage => await stage.DisposeAsync()));

    private ValueTask<StepBatch> Enter(int stage, StepBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return _stages[stage].StepAsync(batch, cancellationToken);
        }
        finally
        {
            _entrances[stage].Leave();
        }
    }
}
