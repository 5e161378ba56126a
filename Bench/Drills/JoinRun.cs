using ManagedSwarm.Server.Drills;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Bench.Drills;

/// <summary>Some clients ask for one reply after the other; meanwhile a worker comes that doubles what there is to compute with.</summary>
/// <param name="plan">The model, prompts and replies.</param>
/// <param name="host">The drill's.</param>
/// <param name="clients">Replies at once.</param>
/// <param name="before">How long one worker is alone, behind its first replies.</param>
/// <param name="behind">How long it goes on with two.</param>
/// <param name="objective">What the head's plans are for, as <c>--objective</c> takes it.</param>
/// <param name="loss">Who is killed on the way; null: nobody.</param>
internal sealed class JoinRun(DrillPlan plan, DrillHost host, int clients, TimeSpan before, TimeSpan behind, string objective, JoinLoss? loss)
{
    // Keys and values of four sequences are kept.
    private readonly int _context = (plan.PromptTokens + plan.ReplyTokens) * ((clients + 3) / 4);
    private readonly List<(DrillReply Reply, bool IsSame)> _replies = [];
    private string _layers = "";

    /// <exception cref="StartException">The nodes do not come up, or a reply fails before anything is done.</exception>
    public async Task<JoinResult> RunAsync(CancellationToken cancellationToken)
    {
        using var place = new DrillPlace(host);
        await using var first = Start(place, "w1");
        await first.ListenAsync(host.Limits.Join, cancellationToken);
        await using var head = place.Start("head",
        [
            "run", plan.Model, "--threads", $"{plan.Threads}", "--prefix-cache", "off", "--context", $"{_context}",
            "--min-workers", "1", "--head-layers", "off", "--objective", objective,
        ]);
        await head.ListenAsync(host.Limits.Load, cancellationToken);
        var requests = Enumerable.Range(0, clients)
            .Select(index => DrillRequest.Random(plan.PromptTokens, LengthOf(index), plan.Seed + index, plan.VocabularySize))
            .ToList();
        var expected = await Task.WhenAll(requests.Select(request => AskAsync(head, request, cancellationToken)));
        if (expected.FirstOrDefault(reply => reply.Error is not null) is { Error: var error })
        {
            throw new StartException($"nobody has come yet, and no reply came: {error}");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var began = host.Time.GetTimestamp();
        var asking = Task.WhenAll(requests.Zip(expected, (request, known) => AskAgainAsync(head, request, known, stop.Token, cancellationToken)));
        await Task.Delay(before, host.Time, cancellationToken);
        host.Say("starting another worker");
        var joined = host.Time.GetTimestamp();
        await using var second = Start(place, "w2");
        var moving = WaitForStagesAsync(head, cancellationToken);
        await LoseAsync(first, second, cancellationToken);
        await Task.Delay(behind - host.Time.GetElapsedTime(joined), host.Time, cancellationToken);
        await stop.CancelAsync();
        await asking;
        return new()
        {
            Joined = host.Time.GetElapsedTime(began, joined),
            Moved = await moving is { } moved ? host.Time.GetElapsedTime(joined, moved) : null,
            Layers = _layers,
            Came = [.. _replies.SelectMany(one => one.Reply.Came).Order().Select(came => host.Time.GetElapsedTime(began, came))],
            Length = before + behind,
            Replies = _replies.Count,
            Same = _replies.Count(one => one.IsSame),
            Errors = [.. _replies.Select(one => one.Reply.Error).OfType<string>()],
        };
    }

    /// <summary>Others' lengths, so that not all prompts come at the same time.</summary>
    private int LengthOf(int client) => Math.Max(1, plan.ReplyTokens - (plan.ReplyTokens * client / (2 * clients)));

    private DrillNode Start(DrillPlace place, string name) => place.Start(name, ["worker", "--threads", $"{plan.Threads}"]);

    private async Task LoseAsync(DrillNode first, DrillNode second, CancellationToken cancellationToken)
    {
        if (loss is null)
        {
            return;
        }

        await Task.Delay(loss.After, host.Time, cancellationToken);
        var lost = loss.IsGiver ? first : second;
        host.Say($"killing {lost.Name}, {loss.After.TotalSeconds:0.0} s behind the start of {second.Name}");
        lost.Kill();
    }

    private async Task<DrillReply> AskAsync(DrillNode head, DrillRequest request, CancellationToken cancellationToken)
    {
        using var client = new DrillClient(head.Address, host);
        return await client.AskAsync(request, cancellationToken);
    }

    private async Task AskAgainAsync(
        DrillNode head, DrillRequest request, DrillReply known, CancellationToken stop, CancellationToken cancellationToken)
    {
        while (!stop.IsCancellationRequested)
        {
            var reply = await AskAsync(head, request, cancellationToken);
            lock (_replies)
            {
                _replies.Add((reply, reply.IsSameAs(known)));
            }
        }
    }

    /// <returns>When two workers had layers; null: it did not come to that.</returns>
    private async Task<long?> WaitForStagesAsync(DrillNode head, CancellationToken cancellationToken)
    {
        for (var began = host.Time.GetTimestamp(); host.Time.GetElapsedTime(began) < behind;)
        {
            if ((await head.GetStatusAsync(cancellationToken)).Split is { Stages: { Count: > 1 } stages })
            {
                _layers = string.Join(", ", stages.Select(stage => $"{stage.First}..{stage.End - 1}"));
                return host.Time.GetTimestamp();
            }

            await Task.Delay(host.Limits.Look, host.Time, cancellationToken);
        }

        return null;
    }
}
