using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>The stages of one plan, as long as none is lost. Safe for use by many threads.</summary>
/// <param name="plan">Who has which layers.</param>
/// <param name="stages">All layers; this one's.</param>
/// <param name="chains">Those of them that are elsewhere.</param>
/// <param name="local">Those that are here.</param>
internal sealed class BuiltStages(SplitPlan plan, IStage stages, IReadOnlyList<StageChain> chains, params IReadOnlyList<TimedStage> local)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;
    private bool _isRetired;

    public SplitPlan Plan => plan;

    public int StepsInFlight => stages.StepsInFlight;

    /// <summary>Those of them that are elsewhere.</summary>
    public IReadOnlyList<StageChain> Chains => chains;

    /// <summary>Who has which layers now: where a worker was lost, another one than was planned.</summary>
    public IReadOnlyList<NodeRange> Places =>
    [
        .. plan.Stages.Where(stage => !chains.Any(chain => IsIn(chain, stage))).Select(stage => new NodeRange(stage.NodeId, stage.Layers))
            .Concat(chains.SelectMany(chain => chain.Stages).Select(stage => new NodeRange(stage.Worker.Id.ToString(), stage.Layers)))
            .OrderBy(place => place.Layers.First),
    ];

    /// <summary>Whether they are as they were planned.</summary>
    public bool IsAsPlanned => plan.Stages.Select(stage => new NodeRange(stage.NodeId, stage.Layers)).SequenceEqual(Places);

    /// <summary>What a layer of a stage takes for one token, as its node has measured; zero: it has not.</summary>
    public TimeSpan PerLayerOf(LayerRange layers) =>
        local.FirstOrDefault(stage => stage.Layers == layers)?.PerLayer
        ?? chains.SelectMany(chain => chain.Statistics).FirstOrDefault(stage => stage.Layers == layers)?.PerLayer
        ?? TimeSpan.Zero;

    /// <summary>Ends when a part of them is lost, with the reason.</summary>
    public async Task<string> LostAsync(CancellationToken cancellationToken)
    {
        // Where all layers are here by now, there is nothing to lose.
        var never = new TaskCompletionSource();
        await Task.WhenAny(chains.Select(chain => chain.Over).Append(never.Task)).WaitAsync(cancellationToken);
        return chains.First(chain => chain.Over.IsCompleted).Failure?.Message ?? "a part of the model is gone";
    }

    /// <summary>Begins a step: the stages stay until <see cref="Leave"/>.</summary>
    /// <returns>False: they are about to go.</returns>
    public bool TryEnter()
    {
        lock (_gate)
        {
            _steps += _isRetired ? 0 : 1;
            return !_isRetired;
        }
    }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken) => stages.StepAsync(batch, cancellationToken);

    /// <summary>A step is over.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _steps--;
            EndIfIdle();
        }
    }

    /// <summary>Lets no step begin any more, waits for those that have, and frees everything.</summary>
    public async Task RetireAsync()
    {
        lock (_gate)
        {
            _isRetired = true;
            EndIfIdle();
        }

        await _idle.Task;
        await stages.DisposeAsync();
    }

    private static bool IsIn(StageChain chain, Engine.Planning.StageAssignment stage) =>
        stage.Layers.First >= chain.Layers.First && stage.Layers.End <= chain.Layers.End;

    private void EndIfIdle()
    {
        if (_isRetired && _steps == 0)
        {
            _idle.TrySetResult();
        }
    }
}
