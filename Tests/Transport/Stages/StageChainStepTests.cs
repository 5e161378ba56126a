using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Diagnostics;
using ManagedSwarm.Transport.Stages;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Steps that are cancelled, that fail, and that wait for each other.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageChainStepTests : IDisposable
{
    private const int HiddenSize = 8;

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _release = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _release.Dispose();

    [Fact]
    public async Task Cancelled_steps_are_not_computed_but_their_operations_are_done_everywhere()
    {
        ScriptedLoader[] loaders = [new() { Compute = BlockAtFirst }, new()];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        Task<StepBatch>[] steps = [.. new[] { one.Token, two.Token, Cancellation }.Select((token, i) => SendAsync(chain, i + 1, token))];
        await _entered.Task;
        await two.CancelAsync();
        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => steps[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => steps[1]);
        using var third = await steps[2];
        Assert.All(third.Hidden.ToArray(), value => Assert.Equal(2, value));
        Assert.Equal(["1: Open 1 (1)", "2: Open 2 (0)", "3: Open 3 (1)"], loaders[0].Stages[0].Log);
        Assert.Equal(["1: Open 1 (0)", "2: Open 2 (0)", "3: Open 3 (1)"], loaders[1].Stages[0].Log);
    }

    [Fact]
    public async Task A_step_that_is_cancelled_before_it_is_sent_does_its_operations_alone()
    {
        ScriptedLoader[] loaders = [new(), new()];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(chain, 1, new CancellationToken(canceled: true)));
        (await SendAsync(chain, 2, Cancellation)).Dispose();
        Assert.All(loaders, loader => Assert.Equal(["1: Open 1 (0)", "2: Open 2 (1)"], loader.Stages[0].Log));
    }

    [Fact]
    public async Task Head_and_workers_are_in_use_until_no_step_has_come_for_a_while()
    {
        var time = new FakeTimeProvider();
        var options = StageCluster.Brittle with { Time = time };
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), new ScriptedLoader()], options);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        StageNode[] nodes = [cluster.Head.Node, .. cluster.Workers.Select(worker => worker.Node)];
        Assert.All(nodes, node => Assert.False(node.IsStepping));
        (await SendAsync(chain, 1, Cancellation)).Dispose();
        time.Advance(options.StepsFollow - TimeSpan.FromTicks(1));
        Assert.All(nodes, node => Assert.True(node.IsStepping));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.All(nodes, node => Assert.False(node.IsStepping));
    }

    [Theory]
    [InlineData(0, "kv_cache_full")]
    [InlineData(1, "kv_cache_full")]
    [InlineData(2, "kv_cache_full")]
    [InlineData(1, "internal_error")]
    public async Task A_step_that_fails_says_where_and_the_others_go_on(int stage, string code)
    {
        ScriptedLoader[] loaders = [.. Enumerable.Range(0, 3).Select(i => i == stage ? new ScriptedLoader { Compute = Fail } : new())];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(6, HiddenSize));
        Task<StepBatch>[] steps = [.. Enumerable.Range(1, 3).Select(step => SendAsync(chain, step, Cancellation))];
        (await steps[0]).Dispose();
        var error = await Assert.ThrowsAsync<EngineException>(() => steps[1]);
        Assert.Equal(code, error.Code);
        Assert.Contains($"stage {stage} (layers {stage * 2}..{(stage * 2) + 1} on node{stage}), step 2", error.Message, StringComparison.Ordinal);
        using var third = await steps[2];
        Assert.Equal(3, third.Hidden.Span[0]);

        // Behind the stage that failed, its operations were done all the same.
        Assert.All(loaders[(stage + 1)..], loader => Assert.Equal("2: Open 2 (0)", loader.Stages[0].Log[1]));

        void Fail(StepBatch batch, CancellationToken cancellationToken)
        {
            if (batch.Step == 2)
            {
                throw code == "internal_error" ? new InvalidOperationException("oh") : new EngineException(code, "the KV cache is full");
            }

            ScriptedStage.AddOne(batch, cancellationToken);
        }
    }

    [Fact]
    public async Task A_stage_computes_while_another_one_does()
    {
        // Each stage waits until the other one computes another step.
        using var both = new Barrier(2);
        ScriptedLoader[] loaders = [new() { Compute = (batch, _) => Meet(batch.Step, 2) }, new() { Compute = (batch, _) => Meet(batch.Step, 1) }];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        Task<StepBatch>[] steps = [SendAsync(chain, 1, Cancellation), SendAsync(chain, 2, Cancellation)];
        await Task.WhenAll(steps);

        void Meet(long step, long when)
        {
            if (step == when)
            {
                Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1), Cancellation));
            }
        }
    }

    [Fact]
    public async Task More_steps_than_a_worker_takes_in_wait_and_none_is_lost()
    {
        ScriptedLoader[] loaders = [new() { Compute = BlockUntilReleased }, new()];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        Task<StepBatch>[] steps = [.. Enumerable.Range(1, 200).Select(step => SendAsync(chain, step, Cancellation, tokens: 400))];
        await _entered.Task;
        Assert.DoesNotContain(steps, step => step.IsCompleted);
        _release.Set();
        for (var i = 0; i < steps.Length; i++)
        {
            using var result = await steps[i];
            Assert.Equal((i + 1, 400, 2f), (result.Step, result.TokenCount, result.Hidden.Span[^1]));
        }
    }

    [Fact]
    public async Task A_step_that_cannot_be_sent_fails_alone()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()]);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize) with { TokensPerStep = 16 });
        Assert.Equal("invalid_step", (await Assert.ThrowsAsync<EngineException>(() => SendAsync(chain, 1, Cancellation, tokens: 17))).Code);
        var other = new StepBatch(2, 0, [], [], HiddenSize + 1);
        Assert.Equal("hidden_size", (await Assert.ThrowsAsync<EngineException>(() => chain.StepAsync(other, Cancellation).AsTask())).Code);
        (await SendAsync(chain, 3, Cancellation)).Dispose();
        Assert.Equal("invalid_step", (await Assert.ThrowsAsync<EngineException>(() => SendAsync(chain, 3, Cancellation))).Code);
        (await SendAsync(chain, 4, Cancellation)).Dispose();
    }

    [Fact]
    public async Task What_stages_take_is_measured()
    {
        using var meters = new SummedMeters();
        var options = StageCluster.Brittle with { Meters = meters };
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), new ScriptedLoader()], options);
        await using var chain = await cluster.StartAsync(cluster.Plan(4, HiddenSize));
        for (var step = 1; step <= 5; step++)
        {
            (await SendAsync(chain, step, Cancellation, tokens: 3)).Dispose();
        }

        // Of each stage by itself and by its head.
        Assert.Equal((10, 10), (meters["managedswarm.stage.compute.duration 0..1"], meters["managedswarm.stage.wait.duration 2..3"]));
        Assert.Equal((5, 5 * 3 * HiddenSize * 4), (meters["managedswarm.stage.wire.duration 2..3"], meters["managedswarm.stage.io 0..1"]));
        Assert.All(chain.Statistics, stage => Assert.Equal((5, 5 * 3 * HiddenSize * 4), (stage.Steps, stage.Bytes)));
        Assert.Equal(TimeSpan.FromMicroseconds(5), chain.Statistics[1].PerLayer);
        cluster.Head.Node.Computed(new LayerRange(9, 1), TimeSpan.FromMilliseconds(3));
        Assert.Equal(["0..1", "2..3", "9..9"], cluster.Head.Node.Totals.Select(stage => stage.Layers.ToString()));
        Assert.Equal([5, 5, 1], cluster.Head.Node.Totals.Select(stage => stage.Steps));
        Assert.Equal([5 * 3 * HiddenSize * 4, 5 * 3 * HiddenSize * 4, 0], cluster.Head.Node.Totals.Select(stage => stage.Bytes));
        Assert.Equal(TimeSpan.FromMilliseconds(3), cluster.Head.Node.Totals[2].Compute);
    }

    private static Task<StepBatch> SendAsync(StageChain chain, long step, CancellationToken cancellationToken, int tokens = 1)
    {
        var batch = new StepBatch(step, 0, [SequenceOperation.Open(step, 9)], [new Segment(step, 0, tokens)], HiddenSize);
        batch.Hidden.Span.Clear();
        return chain.StepAsync(batch, cancellationToken).AsTask();
    }

    private void BlockAtFirst(StepBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Step == 1)
        {
            _entered.TrySetResult();
            cancellationToken.WaitHandle.WaitOne();
        }

        cancellationToken.ThrowIfCancellationRequested();
        ScriptedStage.AddOne(batch, cancellationToken);
    }

    private void BlockUntilReleased(StepBatch batch, CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        _release.Wait(cancellationToken);
        ScriptedStage.AddOne(batch, cancellationToken);
    }
}
