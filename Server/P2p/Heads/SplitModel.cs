using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>
/// All layers of a model, wherever they are. A chain of workers makes the loss of one good by itself; where it cannot, steps fail until all
/// layers are placed anew, and what was computed of requests in flight is gone.
/// </summary>
internal sealed class SplitModel : IStage
{
    private readonly Func<string, CancellationToken, Task<BuiltStages>> _build;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;
    private volatile BuiltStages? _current;
    private int _disposed;

    /// <param name="layers">All of the model's.</param>
    /// <param name="first">The stages as they are now.</param>
    /// <param name="build">Places the layers anew: why is said; ends only when that is done, or cancelled.</param>
    public SplitModel(LayerRange layers, BuiltStages first, Func<string, CancellationToken, Task<BuiltStages>> build)
    {
        (Layers, _current, _build) = (layers, first, build);
        _keeping = KeepAsync(first);
    }

    public LayerRange Layers { get; }

    public int StepsInFlight => _current?.StepsInFlight ?? 1;

    /// <summary>End with it, before its stages do.</summary>
    public IReadOnlyList<IAsyncDisposable> Companions { get; set; } = [];

    /// <summary>Null: a part is lost, and not there again yet.</summary>
    public BuiltStages? Current => _current;

    public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        if (_current is not { } stages || !stages.TryEnter())
        {
            batch.Dispose();
            throw new EngineException("model_loading", "a part of the model is lost; its layers are being placed anew");
        }

        try
        {
            return await stages.StepAsync(batch, cancellationToken);
        }
        finally
        {
            stages.Leave();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (var companion in Companions)
        {
            await companion.DisposeAsync();
        }

        await _stop.CancelAsync();
        await _keeping;
        if (_current is { } stages)
        {
            await stages.RetireAsync();
        }

        _stop.Dispose();
    }

    private async Task KeepAsync(BuiltStages stages)
    {
        try
        {
            while (true)
            {
                var reason = await stages.LostAsync(_stop.Token);
                _current = null;
                await stages.RetireAsync();
                _current = stages = await _build(reason, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As wished.
        }
    }
}
