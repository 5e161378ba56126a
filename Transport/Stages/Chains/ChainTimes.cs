using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>What steps take at the stages of a chain, and what follows from it. Safe for use by many threads.</summary>
/// <param name="plan">Whose chain it is.</param>
/// <param name="options">How long things may take.</param>
/// <param name="metrics">Told of each step.</param>
internal sealed class ChainTimes(ChainPlan plan, StageOptions options, StageMetrics metrics)
{
    // A step that was slow once may be so again; a hundred steps later hardly.
    private const double Fading = 0.99;

    private readonly Lock _gate = new();
    private IReadOnlyList<WorkerStage> _stages = [];
    private ChainAverages _averages = new(plan.Stages.Count);
    private TimeSpan _perToken;

    /// <summary>How many steps keep all workers busy.</summary>
    public int StepsInFlight
    {
        get
        {
            lock (_gate)
            {
                return _averages.StepsInFlight;
            }
        }
    }

    /// <summary>What was measured, for each stage.</summary>
    public IReadOnlyList<StageStatistics> Statistics
    {
        get
        {
            lock (_gate)
            {
                return [.. _stages.Select((stage, i) => new StageStatistics(
                    stage.Node,
                    stage.Layers,
                    stage.Ready?.MemoryBytes ?? 0,
                    stage.Ready?.PerLayer ?? TimeSpan.Zero,
                    _averages.WaitOf(i),
                    _averages.ComputeOf(i),
                    _averages.Wire,
                    _averages.Steps,
                    _averages.Bytes))];
            }
        }
    }

    /// <summary>Steps go through other stages from now on.</summary>
    public void Begin(IReadOnlyList<WorkerStage> stages)
    {
        lock (_gate)
        {
            if (!_stages.SequenceEqual(stages))
            {
                (_stages, _averages) = (stages, new ChainAverages(stages.Count));
            }
        }
    }

    /// <summary>How long a step may take: some times what steps of as many tokens have taken.</summary>
    public TimeSpan PatienceWith(InFlightStep step)
    {
        var tokens = ((PendingStep)step).Batch.TokenCount;
        lock (_gate)
        {
            var limit = options.StepPatience * tokens * _perToken;
            return _perToken == TimeSpan.Zero ? options.Step : limit > options.StepLeast ? limit : options.StepLeast;
        }
    }

    /// <summary>A step has gone through.</summary>
    public void Add(PendingStep step, ReadOnlySpan<HopTime> trace)
    {
        var elapsed = options.Time.GetElapsedTime(step.Started);
        var bytes = HiddenStates.BytesPerToken(plan.Wire, plan.HiddenSize) * step.Batch.TokenCount;
        TimeSpan wire;
        IReadOnlyList<WorkerStage> stages;
        lock (_gate)
        {
            wire = _averages.Add(trace, elapsed, bytes);
            _perToken = Slower(elapsed / Math.Max(1, step.Batch.TokenCount), _perToken * Fading);
            stages = _stages;
        }

        for (var i = 0; i < Math.Min(trace.Length, stages.Count); i++)
        {
            metrics.Computed(stages[i].Layers, "head", trace[i]);
            metrics.Sent(stages[i].Layers, "head", wire, bytes);
        }
    }

    private static TimeSpan Slower(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
