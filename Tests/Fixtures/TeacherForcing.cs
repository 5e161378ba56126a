using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>A model on a device, split into stages, that is fed given tokens.</summary>
internal sealed class TeacherForcing : IAsyncDisposable
{
    private readonly GgufFile _file;
    private readonly IHead _head;
    private readonly Pipeline _pipeline;
    private long _nextSequence;
    private long _nextStep;

    /// <param name="device">Who computes.</param>
    /// <param name="path">The GGUF file.</param>
    /// <param name="layersPerStage">How many layers each stage owns; empty: one stage owns all.</param>
    /// <param name="kvType">How keys and values are kept.</param>
    public TeacherForcing(IDevice device, string path, IReadOnlyList<int>? layersPerStage = null, KvType kvType = KvType.F32)
    {
        _file = GgufFile.Open(path);
        var weights = new ModelWeights(_file);
        Config = weights.Config;
        _head = device.CreateHead(weights);
        var kvCache = new KvCacheOptions { Type = kvType, CapacityTokens = 2048 };
        var stages = new List<IStage>();
        var first = 0;
        foreach (var count in layersPerStage ?? [Config.LayerCount])
        {
            stages.Add(device.CreateStage(weights, new LayerRange(first, count), kvCache));
            first += count;
        }

        _pipeline = new Pipeline(stages);
    }

    public ModelConfig Config { get; }

    /// <summary>The logits behind each token, computed in one step per chunk: (tokens)(vocabulary).</summary>
    public async Task<float[][]> ComputeLogitsAsync(int[] tokens, int chunk, CancellationToken cancellationToken)
    {
        var sequence = _nextSequence++;
        var logits = new List<float[]>();
        for (var start = 0; start < tokens.Length; start += chunk)
        {
            var count = Math.Min(chunk, tokens.Length - start);
            SequenceOperation[] operations = start == 0 ? [SequenceOperation.Open(sequence, tokens.Length)] : [];
            var rows = await StepAsync(operations, [(sequence, start, tokens.AsMemory(start, count))], cancellationToken);
            logits.AddRange(rows);
        }

        await StepAsync([SequenceOperation.Close(sequence)], [], cancellationToken);
        return [.. logits];
    }

    /// <summary>One step: the logits behind each of its tokens.</summary>
    public async Task<float[][]> StepAsync(
        IReadOnlyList<SequenceOperation> operations,
        IReadOnlyList<(long Sequence, int First, ReadOnlyMemory<int> Tokens)> segments,
        CancellationToken cancellationToken)
    {
        var batch = new StepBatch(
            _nextStep++, 0, operations, [.. segments.Select(s => new Segment(s.Sequence, s.First, s.Tokens.Length))], Config.HiddenSize);
        var all = segments.SelectMany(segment => segment.Tokens.ToArray()).ToArray();
        _head.Embed(all, batch.Hidden.Span);
        using var result = await _pipeline.StepAsync(batch, cancellationToken);
        var logits = new float[all.Length * Config.VocabularySize];
        _head.ComputeLogits(result.Hidden.Span, logits);
        return [.. logits.Chunk(Config.VocabularySize)];
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        _head.Dispose();
        _file.Dispose();
    }
}
