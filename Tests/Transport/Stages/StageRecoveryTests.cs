using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Workers that are lost, or leave, while steps go through: the results are those of one stage that was never lost.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageRecoveryTests
{
    private const int HiddenSize = 4;
    private const int Layers = 6;
    private const int Steps = 60;
    private const int Seed = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_spare_takes_the_place_of_a_worker_that_dies_and_the_others_keep_what_they_have(int dies)
    {
        HistoryLoader[] loaders = [.. Enumerable.Range(0, 4).Select(_ => new HistoryLoader())];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        var places = new SparePlaces([cluster.Workers[3]]);
        await using (var chain = await StartAsync(cluster, 3, places))
        {
            await CheckAsync(chain, new() { [25] = cluster.Workers[dies].DieAsync });
            Assert.Equal(new LayerRange(dies * 2, 2), Assert.Single(places.Gaps).Layers);
            Assert.Equal("spare", chain.Stages[dies].Node);
            Assert.All(loaders, loader => Assert.Single(loader.Stages));
            Assert.Null(chain.Failure);

            // Survivors compute no token twice, and the spare those of open sequences once.
            var survivors = loaders[..3].Where((_, i) => i != dies).Select(loader => loader.Stages[0].Tokens).ToArray();
            Assert.Equal(survivors[0], survivors[1]);
            Assert.InRange(loaders[3].Stages[0].Tokens, 1, survivors[0]);
        }

        await Task.WhenAll(cluster.Workers.Where((_, i) => i != dies).Select(worker => worker.FreeAsync()));
    }

    [Fact]
    public async Task A_neighbour_takes_the_layers_as_a_second_stage_where_there_is_no_spare()
    {
        HistoryLoader[] loaders = [new(), new()];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        await using (var chain = await StartAsync(cluster, 2, new SparePlaces([cluster.Workers[0]])))
        {
            await CheckAsync(chain, new() { [30] = cluster.Workers[1].DieAsync });
            Assert.Equal(2, cluster.Workers[0].Host!.Stages.Count);
        }

        await cluster.Workers[0].FreeAsync();
    }

    [Fact]
    public async Task The_head_itself_can_take_layers()
    {
        await using var cluster = await StageCluster.StartAsync([new HistoryLoader(), new HistoryLoader()], StageCluster.Patient);
        await using var host = new StageHost(cluster.Head.Node, new HistoryLoader(), new StageHostOptions { MemoryLimit = 1L << 30 });
        await using var chain = await StartAsync(cluster, 2, new SparePlaces([cluster.Head]));
        await CheckAsync(chain, new() { [30] = cluster.Workers[0].DieAsync });
        Assert.Single(host.Stages);
    }

    [Fact]
    public async Task Lost_layers_may_be_divided_and_several_workers_be_lost_one_after_the_other_or_at_once()
    {
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Range(0, 8).Select(_ => new HistoryLoader())], StageCluster.Patient);
        var workers = cluster.Workers;
        var places = new SparePlaces([workers[3], workers[4]], [workers[5]], [workers[6]], [workers[7]]);
        await using var chain = await StartAsync(cluster, 3, places);
        await CheckAsync(chain, new()
        {
            [10] = workers[1].DieAsync,
            [25] = workers[3].DieAsync,
            [40] = async () =>
            {
                await workers[0].DieAsync();
                await workers[2].DieAsync();
            },
        });
        Assert.Equal(4, chain.Stages.Count);
    }

    [Fact]
    public async Task A_worker_that_unloads_is_replaced()
    {
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Range(0, 3).Select(_ => new HistoryLoader())], StageCluster.Patient);
        await using var chain = await StartAsync(cluster, 2, new SparePlaces([cluster.Workers[2]]));
        await CheckAsync(chain, new() { [20] = async () => await cluster.Workers[0].Host!.UnloadAsync("tales", Cancellation) });
        Assert.Equal("spare", chain.Stages[0].Node);
    }

    [Fact]
    public async Task A_worker_that_is_to_leave_goes_on_until_another_has_loaded_its_layers()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HistoryLoader[] loaders = [new(), new(), new() { Gate = _ => gate.Task }];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        var places = new SparePlaces([cluster.Workers[2]]);
        await using var chain = await StartAsync(cluster, 2, places);
        Task leaving = Task.CompletedTask;
        await CheckAsync(chain, new()
        {
            [10] = () =>
            {
                leaving = chain.ReplaceAsync(cluster.Workers[1].Address.Id, Cancellation);
                return default;
            },
            [30] = () =>
            {
                Assert.False(leaving.IsCompleted);
                gate.SetResult();
                return default;
            },
        });
        await leaving;
        await cluster.Workers[1].FreeAsync();
        Assert.True(Assert.Single(places.Gaps).IsLeaving);
        Assert.Equal("spare", chain.Stages[1].Node);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Layers_that_are_placed_otherwise_change_no_result(int workers)
    {
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Range(0, 3).Select(_ => new HistoryLoader())], StageCluster.Patient);
        await using var chain = await StartAsync(cluster, workers, new SparePlaces());
        Task<bool> rearranging = Task.FromResult(false);
        await CheckAsync(chain, new()
        {
            [20] = () =>
            {
                rearranging = chain.RearrangeAsync([.. cluster.Plan(Layers, HiddenSize).Stages], Cancellation);
                return default;
            },
        });
        Assert.True(await rearranging);
        Assert.Equal(3, chain.Stages.Count);

        // Those that are not in use any more are on their way out.
        await TestPeer.UntilAsync(
            () => cluster.Workers.All(worker => worker.Host!.Stages.Count(stage => stage.State != StageState.Ended) == 1));

        // What is as it shall be stays.
        Assert.True(await chain.RearrangeAsync(chain.Stages, Cancellation));
    }

    [Fact]
    public async Task A_worker_that_hands_over_waits_for_its_heads_and_takes_nothing_any_more()
    {
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Range(0, 3).Select(_ => new HistoryLoader())], StageCluster.Patient);
        await using var chain = await StartAsync(cluster, 2, new SparePlaces([cluster.Workers[2]]));
        var host = cluster.Workers[0].Host!;
        Task<bool> leaving = Task.FromResult(false);
        await CheckAsync(chain, new()
        {
            [20] = () =>
            {
                leaving = host.HandOverAsync(TimeSpan.FromMinutes(1), Cancellation);
                return default;
            },
        });
        Assert.True(await leaving);
        Assert.Empty(host.Stages);
        var refusal = await Assert.ThrowsAsync<SwarmException>(() => StartAsync(cluster, 2, new SparePlaces()));
        Assert.Equal("worker_leaving", refusal.Code);
    }

    [Fact]
    public async Task A_worker_that_any_member_asks_to_leave_says_that_it_does()
    {
        await using var cluster = await StageCluster.StartAsync([new HistoryLoader()], StageCluster.Patient);
        var asked = 0;
        cluster.Workers[0].Host!.DrainAsked += () => asked++;
        await cluster.Head.Node.DrainAsync(cluster.Workers[0].Address, Cancellation);
        Assert.Equal(1, asked);
        Assert.Equal("not_served", (await Assert.ThrowsAsync<SwarmException>(
            () => cluster.Workers[0].Node.DrainAsync(cluster.Head.Address, Cancellation))).Code);
    }

    [Fact]
    public async Task Sequences_that_were_too_long_to_be_remembered_are_told_to_be_lost_and_others_go_on()
    {
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Range(0, 3).Select(_ => new HistoryLoader())], StageCluster.Patient);
        await using var chain = await StartAsync(cluster, 2, new SparePlaces([cluster.Workers[2]]), logged: 8);
        (await SendAsync(chain, 1, [SequenceOperation.Open(1, 99)], 1, 0, 60)).Dispose();
        (await SendAsync(chain, 2, [SequenceOperation.Open(2, 99)], 2, 0, 1)).Dispose();
        await cluster.Workers[0].DieAsync();
        var lost = await Assert.ThrowsAsync<EngineException>(() => SendAsync(chain, 3, [], 1, 60, 1));
        Assert.Equal("sequences_lost", lost.Code);

        // Also one that comes when all is well again.
        Assert.Equal("sequences_lost", (await Assert.ThrowsAsync<EngineException>(() => SendAsync(chain, 4, [], 1, 60, 1))).Code);
        SequenceOperation[] anew = [SequenceOperation.Close(1), SequenceOperation.Open(3, 99)];
        (await SendAsync(chain, 5, anew, 3, 0, 61)).Dispose();
        (await SendAsync(chain, 6, [], 2, 1, 1)).Dispose();
        Assert.Null(chain.Failure);
    }

    [Fact]
    public async Task A_step_that_is_cancelled_while_nobody_has_the_layers_ends_at_once()
    {
        await using var cluster = await StageCluster.StartAsync([new HistoryLoader(), new HistoryLoader()], StageCluster.Patient);
        var places = new SparePlaces();
        await using var chain = await StartAsync(cluster, 2, places);
        (await SendAsync(chain, 1, [SequenceOperation.Open(1, 99)], 1, 0, 3)).Dispose();
        await cluster.Workers[1].DieAsync();
        using var cancelling = new CancellationTokenSource();
        var step = chain.StepAsync(new StepBatch(2, 0, [], [new Segment(1, 3, 1)], HiddenSize), cancelling.Token).AsTask();
        await TestPeer.UntilAsync(() => chain.Waiting is not null);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step);
        Assert.Equal("sequences_lost", (await Assert.ThrowsAsync<EngineException>(() => SendAsync(chain, 3, [], 1, 3, 1))).Code);
    }

    [Fact]
    public async Task Layers_that_nobody_takes_in_time_fail_the_steps_and_say_why()
    {
        // Time flies in this test, and nobody may be missed for it.
        var (time, never) = (new FakeTimeProvider(), TimeSpan.FromDays(1));
        var options = StageCluster.Patient with
        {
            Time = time,
            HeartbeatLimit = never,
            Suspicion = never,
            Probe = never,
            Recovery = TimeSpan.FromSeconds(30),
        };
        await using var cluster = await StageCluster.StartAsync([new HistoryLoader(), new HistoryLoader()], options);
        await using var chain = await StartAsync(cluster, 2, new SparePlaces());
        (await SendAsync(chain, 1, [SequenceOperation.Open(1, 99)], 1, 0, 3)).Dispose();
        await cluster.KillAsync(cluster.Workers[1]);
        var step = SendAsync(chain, 2, [], 1, 3, 1);
        await TestPeer.UntilAsync(() => chain.Waiting?.Contains("all spares are taken", StringComparison.Ordinal) == true);
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(options.HeartbeatInterval);
            return step.IsCompleted;
        });
        var lost = await Assert.ThrowsAsync<SwarmException>(() => step);
        Assert.Equal("stage_lost", lost.Code);
        Assert.Contains("layers 3..5, last on node1, are not back", lost.Message, StringComparison.Ordinal);
        Assert.Contains("all spares are taken", lost.Message, StringComparison.Ordinal);
        await chain.Over;
        await cluster.Workers[0].FreeAsync();
    }

    private static Task<StageChain> StartAsync(StageCluster cluster, int stages, IStagePlaces places, int logged = 4_096)
    {
        var plan = cluster.Plan(Layers, HiddenSize);
        plan = plan with
        {
            LoggedTokens = logged,
            Stages =
            [
                .. plan.Stages.Take(stages).Select((stage, i) => stage with
                {
                    Layers = new LayerRange(i * Layers / stages, Layers / stages),
                }),
            ],
        };
        return StageChain.StartAsync(cluster.Head.Node, plan, places: places, cancellationToken: Cancellation);
    }

    /// <summary>Sends steps, several in flight, lets things happen before some of them, and compares the results with those of one stage.</summary>
    private static async Task CheckAsync(StageChain chain, Dictionary<int, Func<ValueTask>> happens)
    {
        var expected = await StepScript.RunAsync(new HistoryStage(new LayerRange(0, Layers)), Seed, HiddenSize, Steps, 1);
        var found = await StepScript.RunAsync(chain, Seed, HiddenSize, Steps, 4, happens);
        for (var step = 0; step < Steps; step++)
        {
            Assert.True(expected[step].AsSpan().SequenceEqual(found[step]), $"step {step + 1} differs");
        }
    }

    private static async Task<StepBatch> SendAsync(
        StageChain chain, long step, SequenceOperation[] operations, long sequence, int position, int count) =>
        await chain.StepAsync(new StepBatch(step, 0, operations, [new Segment(sequence, position, count)], HiddenSize), Cancellation);
}
