using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>A range of layers on this machine's CPU. Not thread-safe: steps come one at a time.</summary>
internal sealed unsafe class LocalStage : IMovableStage
{
    private readonly ModelConfig _config;
    private readonly KernelSet _kernels;
    private readonly StageWeights _weights;
    private LayerWeights<Matrix>[] _layers;
    private readonly KvCache _cache;
    private readonly IAttention _attention;
    private readonly RotaryStore _rotary;
    private readonly Workspace _workspace;
    private bool _isDisposed;

    public LocalStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, KernelSet kernels, LoadMonitor monitor)
    {
        layers.RequireWithin(weights.Config.LayerCount);
        kvCache.Validate();
        _config = weights.Config;
        _kernels = kernels;
        Layers = layers;
        // What can be refused is, before the weights are read: that may take minutes.
        var rope = weights.CreateRopeTable();
        _workspace = new Workspace(_config);
        _cache = new KvCache(_config, layers.Count, kvCache);
        try
        {
            _rotary = new RotaryStore(_config, rope, _cache, kernels.Threads);
            _attention = kernels.CreateAttention(_config, _cache);
            _weights = StageWeights.Load(weights, layers, kernels, monitor);
            _layers = _weights.Layers;
        }
        catch
        {
            _cache.Dispose();
            throw;
        }
    }

    public LayerRange Layers { get; private set; }

    public int StepsInFlight => 1;

    public int BlockLayout => KvCache.Layout;

    public long BlockBytes => _cache.BlockBytes;

    public IReadOnlyList<CachedSequence> Sequences => _cache.Sequences;

    public void Adopt(IReadOnlyList<CachedSequence> sequences) => _cache.Adopt(sequences);

    public void ReadBlock(int layer, int block, Span<byte> bytes) => _cache.ReadBlock(layer - Layers.First, block, bytes);

    public void WriteBlock(int layer, int block, ReadOnlySpan<byte> bytes) => _cache.WriteBlock(layer - Layers.First, block, bytes);

    public void Keep(LayerRange layers)
    {
        if (layers.First < Layers.First || layers.Count < 1 || layers.Count > Layers.End - layers.First)
        {
            throw new EngineException("layer_range", $"layers {layers} are not among those that the stage has, {Layers}");
        }

        var first = layers.First - Layers.First;
        _weights.KeepLayers(first, layers.Count);
        _cache.Keep(first, layers.Count);
        (_layers, Layers) = (_weights.Layers, layers);
    }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            Step(batch, cancellationToken);
            return ValueTask.FromResult(batch);
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
        _cache.Dispose();
        _workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Step(StepBatch batch, CancellationToken cancellationToken)
    {
        // Its memory is native: a step behind the end would write to what is somebody else's by now.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        batch.RequireHiddenSize(_config.HiddenSize);
        _cache.Apply(batch);
        if (batch.TokenCount > 0)
        {
            RunLayers(batch, cancellationToken);
        }
    }

    private void RunLayers(StepBatch batch, CancellationToken cancellationToken)
    {
        _workspace.Reserve(batch.TokenCount);
        _rotary.Begin(batch);
        fixed (float* hidden = batch.Hidden.Span)
        {
            for (var layer = 0; layer < _layers.Length; layer++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Attention(layer, batch, hidden);
                FeedForward(_layers[layer], batch.TokenCount, hidden);
            }
        }
    }

    private void Attention(int layer, StepBatch batch, float* hidden)
    {
        var weights = _layers[layer];
        var tokens = batch.TokenCount;
        Normalize(hidden, weights.AttentionNorm, tokens);
        _kernels.Multiply(
            _workspace.Hidden,
            tokens,
            [new(weights.Query, _workspace.Queries), new(weights.Key, _workspace.Keys), new(weights.Value, _workspace.Values)]);
        _rotary.Run(layer, batch, _workspace.Queries, _workspace.Keys, _workspace.Values);
        _attention.Run(layer, batch, _workspace.Queries, _workspace.Attended);
        _kernels.Multiply(_workspace.Attended, tokens, [new(weights.Output, _workspace.Hidden)]);
        AddToResidual(hidden, tokens);
    }

    /// <summary>Some tokens at a time: their activations, the model's widest, then stay in the caches.</summary>
    private void FeedForward(LayerWeights<Matrix> weights, int tokens, float* hidden)
    {
        for (var first = 0; first < tokens; first += Workspace.SliceTokens)
        {
            FeedForwardSlice(weights, Math.Min(Workspace.SliceTokens, tokens - first), hidden + ((long)first * _config.HiddenSize));
        }
    }

    private void FeedForwardSlice(LayerWeights<Matrix> weights, int tokens, float* hidden)
    {
        Normalize(hidden, weights.FeedForwardNorm, tokens);
        _kernels.Multiply(_workspace.Hidden, tokens, [new(weights.Gate, _workspace.Gate), new(weights.Up, _workspace.Up)]);
        TokenWork.Run(
            _kernels.Threads, tokens, _config.FeedForwardSize, new SwiGluWork(_workspace.Gate, _workspace.Up, _config.FeedForwardSize));
        _kernels.Multiply(_workspace.Gate, tokens, [new(weights.Down, _workspace.Hidden)]);
        AddToResidual(hidden, tokens);
    }

    private void Normalize(float* hidden, float[] weight, int tokens)
    {
        fixed (float* w = weight)
        {
            var work = new NormalizeWork(hidden, w, _workspace.Hidden, _config.HiddenSize, _config.RmsEpsilon);
            TokenWork.Run(_kernels.Threads, tokens, _config.HiddenSize, work);
        }
    }

    private void AddToResidual(float* hidden, int tokens) => TokenWork.Run(
        _kernels.Threads, tokens, _config.HiddenSize, new AddWork(hidden, _workspace.Hidden, _config.HiddenSize));
}
