using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Gives lost layers to workers in the order in which it has them; waits for ever where there is none left.</summary>
/// <param name="spares">Each takes all that is missing; two together divide it.</param>
internal sealed class SparePlaces(params StageWorker[][] spares) : IStagePlaces
{
    private int _next;

    /// <summary>What was asked for.</summary>
    public List<StageGap> Gaps { get; } = [];

    public async Task<IReadOnlyList<StageAssignment>> FindAsync(StageGap gap, Action<string> waiting, CancellationToken cancellationToken)
    {
        lock (Gaps)
        {
            Gaps.Add(gap);
        }

        var next = Interlocked.Increment(ref _next) - 1;
        if (next >= spares.Length)
        {
            waiting($"all spares are taken, and {gap.Last.Node} is lost: {gap.Reason}");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return [.. Divide(gap.Layers, spares[next].Length).Zip(spares[next], Assign)];
    }

    private static StageAssignment Assign(LayerRange layers, StageWorker worker) =>
        new() { Worker = worker.Address, Node = "spare", Layers = layers };

    private static IEnumerable<LayerRange> Divide(LayerRange layers, int parts)
    {
        var first = layers.First;
        for (var part = 1; part <= parts; part++)
        {
            var end = layers.First + (layers.Count * part / parts);
            yield return new LayerRange(first, end - first);
            first = end;
        }
    }
}
