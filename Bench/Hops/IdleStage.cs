using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Bench.Hops;

/// <summary>
/// A stage that changes nothing. It may read some memory first, as one that has weights does: what the next hop needs is in no cache then.
/// </summary>
/// <param name="layers">What it claims to have.</param>
/// <param name="readBytes">Bytes that it reads for each step.</param>
internal sealed class IdleStage(LayerRange layers, int readBytes) : IStage
{
    private readonly long[] _weights = new long[readBytes / sizeof(long)];

    public LayerRange Layers => layers;

    public int StepsInFlight => 1;

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        var sum = 0L;
        foreach (var weight in _weights)
        {
            sum += weight;
        }

        // The JIT must not find that nobody wants the sum.
        Volatile.Write(ref _weights.Length > 0 ? ref _weights[0] : ref sum, sum);
        return new(batch);
    }

    public ValueTask DisposeAsync() => default;
}
