using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>Measures a stage that has just been loaded.</summary>
internal static class StageSpeed
{
    // The first ones bring weights into the caches, and code to its best form.
    private const int Steps = 5;

    // Several tokens at once take other code, which is better compiled now than when the first replies wait for it.
    private const int Together = 8;

    /// <summary>Computes some tokens at once and some single ones, and forgets them.</summary>
    /// <returns>What a layer takes for a single one: of the fastest.</returns>
    public static async Task<TimeSpan> MeasureAsync(IStage stage, StageOffer offer, TimeProvider time, CancellationToken cancellationToken)
    {
        var fastest = TimeSpan.MaxValue;
        var steps = Math.Min(Steps, offer.KvCache.CapacityTokens);
        var together = Math.Min(Math.Min(Together, offer.TokensPerStep), offer.KvCache.CapacityTokens - steps);
        var trial = new TrialSequence(stage, offer.HiddenSize, steps + together);
        if (together > 0)
        {
            await trial.StepAsync(together, cancellationToken);
        }

        for (var i = 0; i < steps; i++)
        {
            var start = time.GetTimestamp();
            await trial.StepAsync(1, cancellationToken);
            var elapsed = time.GetElapsedTime(start);
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        await trial.CloseAsync(cancellationToken);
        return fastest / offer.Layers.Count;
    }
}
