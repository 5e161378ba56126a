using System.Threading.Channels;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>
/// A stage behind queues, as one on another machine is: steps are computed in their order, some time after they came, and results go back
/// in their order, some time later. How long each takes is drawn, in turns of the thread pool.
/// </summary>
internal sealed class QueuedStage : IStage
{
    private readonly IStage _inner;
    private readonly Channel<Item> _arriving = Channel.CreateUnbounded<Item>();
    private readonly Channel<Item> _returning = Channel.CreateUnbounded<Item>();
    private readonly Task _computing;
    private readonly Task _bringing;
    private int _inFlight;

    /// <param name="inner">Computes; disposed of with this.</param>
    /// <param name="depth">How many steps it wants in flight.</param>
    /// <param name="seed">Of the times.</param>
    public QueuedStage(IStage inner, int depth, int seed)
    {
        (_inner, StepsInFlight) = (inner, depth);
        _computing = ComputeAsync(new Random(seed));
        _bringing = BringAsync(new Random(seed + 1));
    }

    public LayerRange Layers => _inner.Layers;

    public int StepsInFlight { get; }

    /// <summary>The most steps that were in flight at once.</summary>
    public int MostInFlight { get; private set; }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref _inFlight));
        var item = new Item(batch, cancellationToken);
        Assert.True(_arriving.Writer.TryWrite(item));
        return new ValueTask<StepBatch>(item.Result.Task);
    }

    public async ValueTask DisposeAsync()
    {
        _arriving.Writer.Complete();
        await Task.WhenAll(_computing, _bringing);
        await _inner.DisposeAsync();
    }

    private static async Task DawdleAsync(Random random)
    {
        for (var turn = random.Next(6); turn >= 0; turn--)
        {
            await Task.Yield();
        }
    }

    private async Task ComputeAsync(Random random)
    {
        await foreach (var item in _arriving.Reader.ReadAllAsync())
        {
            await DawdleAsync(random);
            var computed = Task.Run(async () => await _inner.StepAsync(item.Batch, item.Cancellation));
            await Task.WhenAny(computed);
            _returning.Writer.TryWrite(item with { Computed = computed });
        }

        _returning.Writer.Complete();
    }

    private async Task BringAsync(Random random)
    {
        await foreach (var item in _returning.Reader.ReadAllAsync())
        {
            await DawdleAsync(random);
            Interlocked.Decrement(ref _inFlight);
            if (item.Computed!.IsCompletedSuccessfully)
            {
                item.Result.SetResult(await item.Computed);
            }
            else
            {
                item.Result.SetException(item.Computed.Exception?.InnerException ?? new OperationCanceledException());
            }
        }
    }

    private sealed record Item(StepBatch Batch, CancellationToken Cancellation)
    {
        public TaskCompletionSource<StepBatch> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<StepBatch>? Computed { get; init; }
    }
}
