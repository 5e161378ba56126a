using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What becomes of requests when one of four instances is killed under load.</summary>
internal sealed class KilledInstance : IFederationPart
{
    private const int Users = 48;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(10);

    public string Name => "kill";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        report.AddSection("An instance that is killed");
        report.AddParagraph(
            $"{Users} users who ask again at once: half for streams that another instance may go on with, a quarter for streams that it may not, a "
            + "quarter for replies in one piece. A kill -9 of one of the four processes. Steady again is from when on tokens of "
            + $"{Window.TotalSeconds:F0} s come at 90 % of the rate of three instances, which is that of the last {(After - Settled).TotalSeconds:F0} of "
            + $"{After.TotalSeconds:F0} s after the kill. Asked: no request failed that had no byte of its reply; streams with some resumed, or ended "
            + "with an error event; steady within 2 s.");
        var table = new MarkdownTable(
            "killed",
            "streams before and with three, tokens/s",
            "steady after, s",
            "failed without a byte",
            "streams resumed",
            "ended with an error event",
            "broken otherwise",
            "replies whole");
        for (var victim = 0; victim < FederationScale.Speeds.Count; victim++)
        {
            // The two slowest ones are alike.
            for (var round = 0; victim > 0 && round < scale.Rounds; round++)
            {
                var times = FederationScale.Speeds[victim].TokensPerSecond / FederationScale.Speed.TokensPerSecond;
                table.Add([$"{times:F0}×", .. await RunAsync(scale, victim, cancellationToken)]);
            }
        }

        report.AddTable(table);
    }

    private static async Task<IEnumerable<string>> RunAsync(FederationScale scale, int victim, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(
            FederationScale.Speeds, RoutePolicyKind.Balanced, cancellationToken, isApart: true);
        using var http = FederationSwarm.Client(swarm.Router);
        var (client, load) = (new MockClient(http, scale.Tokens), new ClosedLoad(cancellationToken));
        await using var theLoad = load;
        load.Add(Users / 2, (number, onToken, stop) => client.StreamAsync(LoadShape.OwnPrompt(number), onToken, stop));
        load.Add(Users / 4, (number, onToken, stop) => client.StreamAsync(LoadShape.OwnPrompt(number), onToken, stop, isGreedy: false));
        load.Add(Users / 4, (number, _, stop) => client.AskAsync(LoadShape.OwnPrompt(number), stop));
        await Task.Delay(WarmUp, cancellationToken);
        var before = await load.MeasureAsync(scale.Duration);

        var killed = Stopwatch.GetTimestamp();
        swarm.InstanceProcesses[victim].Kill();
        await Task.Delay(After, cancellationToken);
        var rate = load.Rate(killed + Ticks(Settled), killed + Ticks(After));
        var steady = SteadyAfter(load, killed, rate * 0.9);
        var resumed = ResumedIn(await http.GetStringAsync("/metrics", cancellationToken));
        var ends = load.Replies.CountBy(ended => ended.Reply.End).ToDictionary();
        string Count(ReplyEnd end) => $"{ends.GetValueOrDefault(end)}";
        Progress.Say(
            $"killed {victim}: {before:F0}, then {rate:F0} tokens/s; steady after {steady:F2} s; {resumed} resumed; {string.Join(", ", ends)}");
        return
        [
            $"{Rounds.Digits(before)}, {Rounds.Digits(rate)}", $"**{Rounds.Digits(steady)}**", $"**{Count(ReplyEnd.Refused)}**", $"{resumed}",
            Count(ReplyEnd.ErrorEvent), Count(ReplyEnd.Broken), Count(ReplyEnd.Whole),
        ];
    }

    /// <summary>Seconds until the begin of the first window that has the rate.</summary>
    private static double SteadyAfter(ClosedLoad load, long killed, double rate)
    {
        for (var at = TimeSpan.Zero; at < After - Window; at += Step)
        {
            if (load.Rate(killed + Ticks(at), killed + Ticks(at + Window)) >= rate)
            {
                return at.TotalSeconds;
            }
        }

        return double.PositiveInfinity;
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private static int ResumedIn(string metrics) => metrics.Split('\n')
        .Where(line => line.StartsWith("managedswarm_federation_resumed", StringComparison.Ordinal))
        .Sum(line => (int)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
}
