using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>A range of layers on this machine's CPU. Not thread-safe: steps come one at a time.</summary>
internal sealed unsafe class LocalStage : IStage
{
    private readonly ModelConfig _config;
    private readonly KernelSet _kernels;
    private readonly LayerWeights<Matrix>[] _layers;
    private readonly KvCache _cache;
    private readonly IAttention _attention;
    private readonly RopeTable _rope;
    private readonly Workspace _workspace;
    private float[] _cosines = [];
    private float[] _sines = [];
    private bool _isDisposed;

    public LocalStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, KernelSet kernels)
    {
        layers.RequireWithin(weights.Config.LayerCount);
        kvCache.Validate();
        _config = weights.Config;
        _kernels = kernels;
        Layers = layers;
        _layers = [.. Enumerable.Range(layers.First, layers.Count).Select(layer => LayerWeights.Load(weights, layer).Convert(kernels.Prepare))];
        _rope = weights.CreateRopeTable();
        _workspace = new Workspace(_config);
        _cache = new KvCache(_config, layers.Count, kvCache);
        _attention = kernels.CreateAttention(_config, _cache);
    }

    public LayerRange Layers { get; }

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
        foreach (var matrix in _layers.SelectMany(layer => layer.Matrices))
        {
            matrix.Dispose();
        }

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
        FillAngles(batch);
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
        RotateAndStore(layer, batch);
        _attention.Run(layer, batch, _workspace.Queries, _workspace.Attended);
        _kernels.Multiply(_workspace.Attended, tokens, [new(weights.Output, _workspace.Hidden)]);
        VectorMath.Add(hidden, _workspace.Hidden, tokens * _config.HiddenSize);
    }

    private void FeedForward(LayerWeights<Matrix> weights, int tokens, float* hidden)
    {
        Normalize(hidden, weights.FeedForwardNorm, tokens);
        _kernels.Multiply(_workspace.Hidden, tokens, [new(weights.Gate, _workspace.Gate), new(weights.Up, _workspace.Up)]);
        for (var t = 0L; t < tokens; t++)
        {
            VectorMath.SwiGlu(_workspace.Gate + (t * _config.FeedForwardSize), _workspace.Up + (t * _config.FeedForwardSize), _config.FeedForwardSize);
        }

        _kernels.Multiply(_workspace.Gate, tokens, [new(weights.Down, _workspace.Hidden)]);
        VectorMath.Add(hidden, _workspace.Hidden, tokens * _config.HiddenSize);
    }

    private void Normalize(float* hidden, float[] weight, int tokens)
    {
        fixed (float* w = weight)
        {
            for (var t = 0L; t < tokens; t++)
            {
                var row = t * _config.HiddenSize;
                VectorMath.RmsNorm(_workspace.Hidden + row, hidden + row, w, _config.HiddenSize, _config.RmsEpsilon);
            }
        }
    }

    private void RotateAndStore(int layer, StepBatch batch)
    {
        var t = 0;
        foreach (var segment in batch.Segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, t++)
            {
                var cosines = _cosines.AsSpan(t * _rope.PairCount, _rope.PairCount);
                var sines = _sines.AsSpan(t * _rope.PairCount, _rope.PairCount);
                var queries = _workspace.Queries + ((long)t * _config.HeadCount * _config.KeyHeadSize);
                var keys = _workspace.Keys + ((long)t * _config.KvHeadCount * _config.KeyHeadSize);
                var values = _workspace.Values + ((long)t * _config.KvHeadCount * _config.ValueHeadSize);
                Rotation.Apply(queries, _config.HeadCount, _config.KeyHeadSize, _rope.Kind, cosines, sines);
                Rotation.Apply(keys, _config.KvHeadCount, _config.KeyHeadSize, _rope.Kind, cosines, sines);
                _cache.Write(layer, segment.Sequence, segment.FirstPosition + i, keys, values);
            }
        }
    }

    /// <summary>The angles of all tokens of the step: (tokens, pairs), once for all layers.</summary>
    private void FillAngles(StepBatch batch)
    {
        var needed = checked(batch.TokenCount * _rope.PairCount);
        if (_cosines.Length < needed)
        {
            (_cosines, _sines) = (new float[needed], new float[needed]);
        }

        var offset = 0;
        foreach (var segment in batch.Segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, offset += _rope.PairCount)
            {
                _rope.Fill(segment.FirstPosition + i, _cosines.AsSpan(offset), _sines.AsSpan(offset));
            }
        }
    }
}
