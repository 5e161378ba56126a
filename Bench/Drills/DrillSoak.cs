using System.Globalization;
using ManagedSwarm.Server.Drills;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Bench.Drills;

/// <summary>Replies, one after the other, while workers are killed at random and started anew.</summary>
/// <param name="plan">The swarm, and the longest prompt.</param>
/// <param name="host">The drill's.</param>
/// <param name="length">No kill comes after that.</param>
internal sealed class DrillSoak(DrillPlan plan, DrillHost host, TimeSpan length)
{
    private const int Requests = 4;

    // Behind a reply that failed, so that a head which refuses all is not asked without end.
    private static readonly TimeSpan ErrorPause = TimeSpan.FromSeconds(1);

    private readonly Random _random = new(plan.Seed);
    private readonly List<string> _errors = [];
    private int _kills;
    private int _replies;
    private int _same;
    private int _others;

    /// <exception cref="StartException">The nodes do not come up.</exception>
    public async Task<DrillSoakResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var swarm = await DrillSwarm.StartAsync(plan, host, cancellationToken);
        using var client = new DrillClient(swarm.Head.Address, host);
        var expected = await ExpectAsync(client, cancellationToken);
        var start = DrillMemory.Of(swarm);
        var began = host.Time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var killing = KillAsync(swarm, began, stop.Token);
        try
        {
            while (!killing.IsCompleted)
            {
                await AskAsync(client, expected, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await killing;
        for (var round = 0; round < Requests; round++)
        {
            await AskAsync(client, expected, cancellationToken);
        }

        return new(host.Time.GetElapsedTime(began), _kills, _replies, _same, _errors, start, DrillMemory.Of(swarm)) { Others = _others };
    }

    private async Task<IReadOnlyList<(DrillRequest Request, DrillReply Reply)>> ExpectAsync(DrillClient client, CancellationToken cancellationToken)
    {
        var expected = new List<(DrillRequest, DrillReply)>();
        for (var number = 1; number <= Requests; number++)
        {
            var request = DrillRequest.Random(Math.Max(1, plan.PromptTokens * number / Requests), plan.ReplyTokens, plan.Seed + number, plan.VocabularySize);
            var reply = await client.AskAsync(request, cancellationToken);
            expected.Add(reply.Error is null ? (request, reply) : throw new StartException($"nothing was done yet, and no reply came: {reply.Error}"));
        }

        return expected;
    }

    private async Task AskAsync(
        DrillClient client, IReadOnlyList<(DrillRequest Request, DrillReply Reply)> expected, CancellationToken cancellationToken)
    {
        var (request, known) = expected[_replies++ % expected.Count];
        var reply = await client.AskAsync(request, cancellationToken);
        if (reply.Error is { } error)
        {
            _errors.Add(error);
            host.Say($"a reply failed: {error}");
            await Task.Delay(ErrorPause, host.Time, cancellationToken);
        }
        else if (reply.IsSameAs(known))
        {
            _same++;
        }
        else
        {
            _others++;
            host.Say("another reply");
        }
    }

    private async Task KillAsync(DrillSwarm swarm, long began, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (5 * _random.NextDouble())), host.Time, cancellationToken);
            var elapsed = host.Time.GetElapsedTime(began);
            if (elapsed >= length)
            {
                return;
            }

            var worker = swarm.Workers[_random.Next(swarm.Workers.Count)];
            worker.Kill();
            _kills++;
            host.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"killed {worker.Name}, number {_kills}; {_replies} replies, {_same} the same, {_errors.Count} errors; head {swarm.Head.ResidentBytes / 1e6:F0} MB"));
            await Task.Delay(TimeSpan.FromSeconds(1 + (2 * _random.NextDouble())), host.Time, cancellationToken);
            await swarm.RestartAsync(worker, cancellationToken);
        }
    }
}
