using System.Collections.Concurrent;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>Thousands of runs in which workers are lost, at each message there is: every step has the result that it has without.</summary>
public sealed class RecoverySimulationTests
{
    private const int Seed = 11;

    private static readonly Fault[] OfWorkers =
        [Fault.WorkerDies, Fault.WorkerFreezes, Fault.ControlBreaks, Fault.LinkBreaks, Fault.LinkSticks, Fault.WorkerUnloads, Fault.WorkerLeaves];

    private static readonly ConcurrentDictionary<(int Seed, int Stages), float[][]> Known = new();

    public static TheoryData<string, int> Losses =>
        [.. from fault in OfWorkers from stages in new[] { 1, 2, 3 } select (fault.ToString(), stages)];

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loss_before_any_message_of_a_reply_changes_no_result(string name, int stages)
    {
        var fault = Enum.Parse<Fault>(name);
        var last = MessagesOf(stages);
        Assert.InRange(last, 25 * (stages + 1), int.MaxValue);
        for (var message = 1; message <= last; message++)
        {
            for (var stage = 0; stage < stages; stage++)
            {
                CheckExact(Seed, stages, new Strike(message, stage, fault));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Several_losses_one_within_the_other_change_no_result(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 400; run++)
        {
            var stages = random.Next(1, 5);
            var at = random.Next(1, MessagesOf(stages));
            var strikes = new List<Strike>();
            for (var count = random.Next(2, 6); count > 0; count--)
            {
                strikes.Add(new(at, random.Next(8), OfWorkers[random.Next(OfWorkers.Length)]));
                at += random.Next(3) == 0 ? 0 : random.Next(60);
            }

            CheckExact((seed * 10_000) + run, stages, [.. strikes]);
        }
    }

    public static TheoryData<string> Faults => [.. OfWorkers.Select(fault => fault.ToString())];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_loss_before_any_message_of_layers_that_change_hands_changes_no_result(string name)
    {
        var fault = Enum.Parse<Fault>(name);
        var moves = 0;
        for (var seed = 0; seed < 30; seed++)
        {
            for (var later = 0; later < 60; later++)
            {
                moves += CheckExact(seed, 2, new Strike(20, seed, Fault.WorkerLeaves), new Strike(20 + later, later % 7, fault));
            }
        }

        Assert.InRange(moves, 30, int.MaxValue);
    }

    [Fact]
    public void A_place_that_cannot_be_loaded_is_given_to_another()
    {
        for (var run = 0; run < 50; run++)
        {
            CheckExact(run, 3, new(1 + run, run, Fault.WorkerDies), new(1 + run, run, Fault.LoadFails));
        }
    }

    [Fact]
    public void Steps_that_fail_fail_once_and_are_told_so_once_more_behind_a_loss()
    {
        for (var run = 0; run < 100; run++)
        {
            var at = 1 + (MessagesOf(3) * run / 100);
            using var simulation = new Simulation(run, 3, new Strike(at, run, Fault.StepFails), new Strike(at + (run % 7), run + 1, Fault.WorkerDies));
            simulation.Run();
            Assert.Equal(Simulation.Steps, simulation.Head.Outcomes.Count);
            Assert.InRange(simulation.Head.Outcomes.Count(outcome => outcome.Code == "kv_cache_full"), 0, 1);
            CheckOrderAndEnd(simulation, $"run {run}");
        }
    }

    [Fact]
    public void A_head_that_closes_in_the_middle_of_anything_leaves_nothing_behind()
    {
        var last = MessagesOf(2);
        for (var message = 1; message < last; message += 3)
        {
            using var simulation = new Simulation(
                message, 2, new Strike(message - (message % 50), 0, Fault.WorkerDies), new Strike(message, 0, Fault.HeadCloses));
            simulation.Run();
            CheckOrderAndEnd(simulation, $"message {message}");
        }
    }

    /// <summary>How many messages there are without a loss.</summary>
    private static int MessagesOf(int stages)
    {
        using var simulation = new Simulation(Seed, stages);
        while (!simulation.Head.IsDone)
        {
            simulation.Time.RunUntil(simulation.Time.Now + TimeSpan.FromMilliseconds(10));
        }

        return simulation.Messages;
    }

    /// <returns>How often keys and values were to be moved.</returns>
    private static int CheckExact(int seed, int stages, params Strike[] strikes)
    {
        var run = $"seed {seed}, {stages} stages, {string.Join(" ", strikes.AsEnumerable())}";
        using var simulation = new Simulation(seed, stages, strikes);
        simulation.Run();
        Assert.True(simulation.Head.IsDone, $"{run}: {simulation.Head.Outcomes.Count} steps, {simulation.Head.Life.Failure?.Message}");
        var expected = Expected(seed, stages);
        foreach (var (step, code, hidden) in simulation.Head.Outcomes)
        {
            Assert.True(code == "result", $"{run}: step {step}: {code}");
            Assert.True(expected[(int)step - 1].AsSpan().SequenceEqual(hidden), $"{run}: step {step} differs");
        }

        CheckOrderAndEnd(simulation, run);
        return simulation.Head.Moves;
    }

    private static void CheckOrderAndEnd(Simulation simulation, string run)
    {
        var head = simulation.Head;
        Assert.True(head.OverCount == 1, run);
        Assert.True(
            head.Outcomes.Select(outcome => outcome.Step).SequenceEqual(Enumerable.Range(1, head.Outcomes.Count).Select(i => (long)i)),
            $"{run}: {string.Join(" ", head.Outcomes.Select(outcome => outcome.Step))}");
        foreach (var worker in simulation.Workers)
        {
            Assert.True(worker.IsGone, $"{run}: a worker keeps layers {worker.Place.Layers}, {worker.Life.State}");
        }
    }

    /// <summary>What one stage for each layer range gives, without a network.</summary>
    private static float[][] Expected(int seed, int stages) => Known.GetOrAdd((seed, stages), static key =>
    {
        var script = new StepScript(key.Seed, Simulation.HiddenSize);
        HistoryStage[] all = [.. Enumerable.Range(0, key.Stages).Select(stage => new HistoryStage(new LayerRange(stage * 3, 3)))];
        return
        [
            .. Enumerable.Range(0, Simulation.Steps).Select(_ =>
            {
                using var batch = script.Next();
                foreach (var stage in all)
                {
                    Assert.True(stage.StepAsync(batch, CancellationToken.None).AsTask().IsCompletedSuccessfully);
                }

                return batch.Hidden.ToArray();
            }),
        ];
    });

}
