using System.CommandLine;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Streams;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>streams</c>: libp2p streams beside bare sockets, between two processes.</summary>
internal sealed class StreamsCommand
{
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var streams = new StreamsCommand();
        var command = new Command("streams", "Latency, rate and allocation of streams beside raw TCP's") { streams._rounds, streams._output };
        command.SetAction((parsed, _) => streams.RunAsync(parsed, arguments));
        return command;
    }

    /// <summary>What <c>streams</c> starts: the other side, until its standard input ends.</summary>
    public static Command CreateServer()
    {
        var command = new Command(StreamServerProcess.CommandName) { Hidden = true };
        command.SetAction((_, _) => StreamServerLoop.RunAsync(Console.In, Console.Out));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var rounds = parsed.GetValue(_rounds);
        var report = new Report("streams", "Streams", "two processes over loopback", arguments);
        report.AddParagraph(
            $"Medians of {rounds} rounds [each round in brackets]; in a round all stacks take turns, another one first each time. Ratios are the "
            + "medians of the rounds' ratios. Raw TCP is Socket.SendAsync and ReceiveAsync with NoDelay. Connections: peers dial one peer, "
            + "32 at a time; memory is that of the dialed peer's process.");
        await using var server = await StreamServerProcess.StartAsync();
        var contest = new StreamsContest(server);
        await contest.RunAsync(rounds);
        new StreamsReport(contest.Figures).AddTo(report);
        report.Save(parsed.GetValue(_output));
        return 0;
    }
}
