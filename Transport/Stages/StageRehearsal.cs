using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// Lets a device compute with one layer of a model what a stage will have to, so that on the day on which it counts all code is compiled:
/// that takes longer than loading some layers.
/// </summary>
internal static class StageRehearsal
{
    // A prompt, and each width that kernels have code of their own for.
    private static readonly int[] Tokens = [64, 1, 2, 3, 4, 5, 6, 7];

    /// <param name="device">Who computes.</param>
    /// <param name="weights">Of the offer's layers.</param>
    /// <param name="offer">Which layers, and how keys and values are kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Engine.EngineException">The device cannot have such a layer; see <see cref="IDevice.CreateStage"/>.</exception>
    public static async Task RunAsync(IDevice device, ITensorStore weights, StageOffer offer, CancellationToken cancellationToken)
    {
        var capacity = Tokens.Sum();
        var monitor = new LoadMonitor(0, null, cancellationToken);
        await using var stage = device.CreateStage(
            new ModelWeights(weights), new LayerRange(offer.Layers.First, 1), offer.KvCache with { CapacityTokens = capacity }, monitor);
        var trial = new TrialSequence(stage, offer.HiddenSize, capacity);
        foreach (var count in Tokens)
        {
            await trial.StepAsync(count, cancellationToken);
        }
    }
}
