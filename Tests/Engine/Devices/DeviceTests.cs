using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Devices;

/// <summary>What stages and heads of every device do with steps that are unusual, or wrong.</summary>
public sealed class DeviceTests : IDisposable
{
    private static readonly KvCacheOptions Cache = new() { CapacityTokens = 64 };

    private readonly GgufFile _file = GgufFile.Open(TinyModels.PathOf(TinyModels.Names.First()));
    private readonly ModelWeights _weights;

    public DeviceTests() => _weights = new ModelWeights(_file);

    public static TheoryData<DeviceKind> Kinds => [.. TestDevices.Kinds];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Operations_alone_compute_nothing(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        await using var stage = device.CreateStage(_weights, new LayerRange(0, 2), Cache);

        // Each layer asks first whether to go on, so a cancelled step ends well only where no layer runs.
        var cancelled = new CancellationToken(canceled: true);
        using var opened = await stage.StepAsync(Batch([SequenceOperation.Open(1, 4)], []), cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await stage.StepAsync(Batch([], [new Segment(1, 0, 1)]), cancelled));
        using var computed = await stage.StepAsync(Batch([], [new Segment(1, 0, 1)]), Cancellation);
        Assert.Equal(1, computed.TokenCount);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_step_that_fails_gives_its_buffer_back(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        await using var stage = device.CreateStage(_weights, new LayerRange(0, 1), Cache);
        var unknown = Batch([], [new Segment(9, 0, 1)]);
        var misshapen = new StepBatch(0, 0, [], [new Segment(9, 0, 1)], _weights.Config.HiddenSize + 1);
        Assert.Equal("unknown_sequence", (await Assert.ThrowsAsync<EngineException>(async () => await stage.StepAsync(unknown, Cancellation))).Code);
        Assert.Equal("hidden_size", (await Assert.ThrowsAsync<EngineException>(async () => await stage.StepAsync(misshapen, Cancellation))).Code);
        Assert.All([unknown, misshapen], batch => Assert.Throws<ObjectDisposedException>(() => batch.Hidden));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_disposed_stage_takes_no_step(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        var stage = device.CreateStage(_weights, new LayerRange(0, 1), Cache);
        await stage.DisposeAsync();
        await stage.DisposeAsync();
        var batch = Batch([SequenceOperation.Open(1, 4)], [new Segment(1, 0, 1)]);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stage.StepAsync(batch, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_head_rejects_logits_that_do_not_fit_the_hidden_states(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        using var head = device.CreateHead(_weights);
        var (hidden, vocabulary) = (_weights.Config.HiddenSize, _weights.Config.VocabularySize);
        foreach (var (floats, logits) in ((int, int)[])[(hidden, vocabulary - 1), (2 * hidden, vocabulary), (hidden + 1, vocabulary)])
        {
            Assert.Throws<ArgumentException>(() => head.ComputeLogits(new float[floats], new float[logits]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_head_rejects_tokens_that_the_model_does_not_have(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        using var head = device.CreateHead(_weights);
        foreach (var token in (int[])[-1, _weights.Config.VocabularySize, int.MinValue])
        {
            var error = Assert.Throws<EngineException>(() => head.Embed([token], new float[_weights.Config.HiddenSize]));
            Assert.Equal("token_out_of_range", error.Code);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rejects_a_cache_without_blocks(DeviceKind kind)
    {
        using var device = TestDevices.Open(kind);
        foreach (var cache in (KvCacheOptions[])[new() { BlockLength = 0 }, new() { CapacityTokens = 0 }, new() { CapacityTokens = -1 }])
        {
            var error = Assert.Throws<EngineException>(() => device.CreateStage(_weights, new LayerRange(0, 1), cache));
            Assert.Equal("invalid_value", error.Code);
        }
    }

    private StepBatch Batch(IReadOnlyList<SequenceOperation> operations, IReadOnlyList<Segment> segments)
    {
        var batch = new StepBatch(0, 0, operations, segments, _weights.Config.HiddenSize);
        batch.Hidden.Span.Fill(0.5f);
        return batch;
    }
}
