using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A stage of this machine, whose steps are measured as those of workers are.</summary>
/// <param name="stage">Is this one's.</param>
/// <param name="time">The clock.</param>
/// <param name="computed">Told what a step has taken.</param>
internal sealed class TimedStage(IStage stage, TimeProvider time, Action<LayerRange, TimeSpan> computed) : IStage
{
    private long _fastestTicks;

    public LayerRange Layers => stage.Layers;

    /// <summary>What a layer takes for one token, as workers measure it: of the fastest step; zero: there was none yet.</summary>
    public TimeSpan PerLayer => new TimeSpan(Interlocked.Read(ref _fastestTicks)) / Layers.Count;

    public int StepsInFlight => stage.StepsInFlight;

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        // Before the call: the batch is the stage's then.
        var tokens = batch.TokenCount;
        var start = time.GetTimestamp();
        var step = stage.StepAsync(batch, cancellationToken);
        if (!step.IsCompletedSuccessfully)
        {
            return AwaitAsync(step, start, tokens);
        }

        Report(start, tokens);
        return step;
    }

    public ValueTask DisposeAsync() => stage.DisposeAsync();

    private async ValueTask<StepBatch> AwaitAsync(ValueTask<StepBatch> step, long start, int tokens)
    {
        var result = await step;
        Report(start, tokens);
        return result;
    }

    private void Report(long start, int tokens)
    {
        if (tokens == 0)
        {
            return;
        }

        var elapsed = time.GetElapsedTime(start);
        computed(Layers, elapsed);
        // Steps come one at a time.
        if (tokens == 1 && (_fastestTicks == 0 || elapsed.Ticks < _fastestTicks))
        {
            Interlocked.Exchange(ref _fastestTicks, elapsed.Ticks);
        }
    }
}
