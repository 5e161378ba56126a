using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>A range of layers in libtorch. Not thread-safe: steps come one at a time, and run on the thread that calls.</summary>
internal sealed class TorchStage : IStage
{
    private readonly ModelConfig _config;
    private readonly RopeTable _rope;
    private readonly TorchWeights _weights;
    private readonly TorchLayer[] _layers;
    private readonly TorchKvCache _cache;
    private bool _isDisposed;

    public TorchStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, Device device, LoadMonitor monitor)
    {
        layers.RequireWithin(weights.Config.LayerCount);
        kvCache.Validate();
        _config = weights.Config;
        Layers = layers;
        _rope = weights.CreateRopeTable();
        (_weights, (_layers, _cache)) = TorchWeights.Load(device, monitor, owner => (
            Enumerable.Range(layers.First, layers.Count).Select(layer => TorchLayer.Load(owner, weights, layer)).ToArray(),
            new TorchKvCache(_config, layers.Count, kvCache, owner)));
    }

    public LayerRange Layers { get; }

    public int StepsInFlight => 1;

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            Step(batch, cancellationToken);
            return ValueTask.FromResult(batch);
        }
        catch (ExternalException exception)
        {
            batch.Dispose();
            throw TorchScope.Failure(exception);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _weights.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Step(StepBatch batch, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        batch.RequireHiddenSize(_config.HiddenSize);
        using var scope = new TorchScope();
        _cache.Apply(batch);
        if (batch.TokenCount > 0)
        {
            RunLayers(batch, cancellationToken);
        }
    }

    private void RunLayers(StepBatch batch, CancellationToken cancellationToken)
    {
        var rotation = new TorchRotation(_rope, batch, _weights.Device);
        var attention = new TorchAttention(_config, _cache, rotation, batch, _weights.Device);
        var hidden = TorchTransfer.ToTensor(batch.Hidden.Span, batch.TokenCount, _config.HiddenSize, _weights.Device);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = new TorchScope();
            var weights = _layers[layer];
            hidden.add_(attention.Run(weights, layer, weights.AttentionNorm.Apply(hidden)));
            hidden.add_(weights.FeedForward(hidden));
        }

        TorchTransfer.CopyTo(hidden, batch.Hidden.Span);
    }
}
