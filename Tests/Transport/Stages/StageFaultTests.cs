using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Workers and heads that are lost: who is left knows whom and why, and keeps nothing.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageFaultTests
{
    private const int HiddenSize = 8;

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_worker_that_dies_in_a_step_is_named_and_the_others_free_everything(int dies)
    {
        ScriptedLoader[] loaders = [.. Enumerable.Range(0, 3).Select(i => i == dies ? new ScriptedLoader { Compute = Block } : new())];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(6, HiddenSize));
        var steps = Enumerable.Range(1, 3).Select(step => SendAsync(chain, step)).ToArray();
        await _entered.Task;
        await cluster.KillAsync(cluster.Workers[dies]);
        foreach (var step in steps)
        {
            var lost = await Assert.ThrowsAsync<SwarmException>(() => step);
            Assert.Equal("stage_lost", lost.Code);
            Assert.Contains($"stage {dies} (layers {dies * 2}..{(dies * 2) + 1} on node{dies}) is lost in step 1", lost.Message, StringComparison.Ordinal);
        }

        await chain.Over;
        Assert.Equal("stage_lost", chain.Failure?.Code);
        Assert.Equal("stage_lost", (await Assert.ThrowsAsync<SwarmException>(() => SendAsync(chain, 4))).Code);
        await Task.WhenAll(cluster.Workers.Select(worker => worker.FreeAsync()));
        Assert.All(loaders, loader => Assert.True(loader.Stages[0].IsDisposed));
    }

    [Fact]
    public async Task Workers_whose_head_dies_free_everything_even_within_a_step()
    {
        ScriptedLoader[] loaders = [new(), new() { Compute = Block }];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        var step = SendAsync(chain, 1);
        await _entered.Task;
        await cluster.Head.DieAsync();
        await Assert.ThrowsAsync<SwarmException>(() => step);
        await Task.WhenAll(cluster.Workers.Select(worker => worker.FreeAsync()));
        Assert.All(loaders, loader => Assert.True(loader.Stages[0].IsDisposed));
    }

    [Fact]
    public async Task A_model_that_a_worker_unloads_is_over_for_its_head()
    {
        ScriptedLoader[] loaders = [new(), new()];
        await using var cluster = await StageCluster.StartAsync(loaders);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        Assert.Equal(0, await cluster.Workers[1].Host!.UnloadAsync("another", Cancellation));
        Assert.Equal(1, await cluster.Workers[1].Host!.UnloadAsync("tales", Cancellation));
        Assert.True(loaders[1].Stages[0].IsDisposed);
        await chain.Over;
        Assert.Contains("the worker has unloaded 'tales'", chain.Failure!.Message, StringComparison.Ordinal);
        await cluster.Workers[0].FreeAsync();
    }

    [Fact]
    public async Task A_chain_that_is_given_up_while_it_loads_leaves_nothing_behind()
    {
        ScriptedLoader[] loaders = [new(), new() { Gate = new TaskCompletionSource().Task }];
        await using var cluster = await StageCluster.StartAsync(loaders);
        using var giveUp = new CancellationTokenSource();
        var loading = new Seen(giveUp);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => StageChain.StartAsync(cluster.Head.Node, cluster.Plan(2, HiddenSize), loading, places: null, giveUp.Token));
        await Task.WhenAll(cluster.Workers.Select(worker => worker.FreeAsync()));
        Assert.Contains(loading.Changes, change => change is { Stage: 1, Node: "node1", State: StageState.Loading, Load.BytesTotal: 3 });
        Assert.Equal(0, cluster.Head.Node.ExpectedCount);
    }

    [Fact]
    public async Task Steps_under_way_when_a_chain_is_closed_fail_with_it()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader { Compute = Block }]);
        var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        var step = SendAsync(chain, 1);
        await _entered.Task;
        await chain.DisposeAsync();
        await chain.DisposeAsync();
        Assert.Equal("chain_closed", (await Assert.ThrowsAsync<SwarmException>(() => step)).Code);
        await cluster.Workers[0].FreeAsync();
    }

    private static Task<StepBatch> SendAsync(StageChain chain, long step) =>
        chain.StepAsync(new StepBatch(step, 0, [], [new Segment(step, 0, 1)], HiddenSize), Cancellation).AsTask();

    private void Block(StepBatch batch, CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Gives up when the first stage could compute and the second one loads.</summary>
    private sealed class Seen(CancellationTokenSource giveUp) : IProgress<ChainProgress>
    {
        public List<ChainProgress> Changes { get; } = [];

        public void Report(ChainProgress value)
        {
            lock (Changes)
            {
                Changes.Add(value);
                if (Changes.Any(change => change is { Stage: 0, State: StageState.Ready })
                    && Changes.Any(change => change is { Stage: 1, State: StageState.Loading }))
                {
                    _ = giveUp.CancelAsync();
                }
            }
        }
    }
}
