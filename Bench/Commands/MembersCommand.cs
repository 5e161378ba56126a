using System.CommandLine;
using System.Diagnostics;
using ManagedSwarm.Bench.Members;
using ManagedSwarm.Bench.Processes;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>members</c>: how soon real workers, each a process, know of each other and of each other's ends, over loopback.</summary>
internal sealed class MembersCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Option<int> _nodes = new("--nodes") { Description = "Processes of the large swarm", DefaultValueFactory = _ => 16 };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds; the table shows their medians", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    private readonly string _folder = Directory.CreateTempSubdirectory("managedswarm-members-").FullName;

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var members = new MembersCommand();
        var command = new Command("members", "Real workers find and lose each other") { members._nodes, members._rounds, members._output };
        command.SetAction((parsed, _) => members.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var (nodes, rounds) = (parsed.GetValue(_nodes), parsed.GetValue(_rounds));
        var report = new Report("members", "Members", $"processes over loopback, mDNS off; {rounds} rounds", arguments, [ProgramFile.Variable]);
        report.AddParagraph(
            "Seconds, as heard through each node's event stream; medians of the rounds [each round in brackets]. *Ready* is when a process has said where "
            + "it listens, about half a second behind its start. *By all* is when the last of the nodes that live says so.");
        var table = new MarkdownTable("what", "seconds", "asked");
        try
        {
            await AddPairsAsync(table, rounds);
            await AddSwarmAsync(table, nodes, rounds);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }

        report.AddTable(table);
        report.Save(parsed.GetValue(_output));
        return 0;
    }

    private static double Since(long start, long? end) =>
        end is { } known ? Math.Max(0, Stopwatch.GetElapsedTime(start, known).TotalSeconds) : double.PositiveInfinity;

    private static void Add(MarkdownTable table, string what, List<double> seconds, string asked) => table.Add(what, new Rounds([.. seconds]).ToString(), asked);

    /// <summary>Two nodes: by the token's addresses, by the folder alone, and the second one killed and started again.</summary>
    private async Task AddPairsAsync(MarkdownTable table, int rounds)
    {
        var (byToken, byTokenReady, byFolder, again) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            Progress.Say($"pairs, round {round + 1} of {rounds}");
            var run = $"pair{round}";
            await using var first = await StartAsync(run, 0, null);
            var view = new MemberView(first);
            var start = Stopwatch.GetTimestamp();
            var second = await StartAsync(run, 1, first.Token);
            var ready = Stopwatch.GetTimestamp();
            var seen = await view.UntilAsync([second.Id], "alive", Limit);
            byToken.Add(Since(start, seen));
            byTokenReady.Add(Since(ready, seen));
            second.Kill();
            await view.UntilAsync([second.Id], "lost", Limit);
            var id = second.Id;
            await second.DisposeAsync();
            start = Stopwatch.GetTimestamp();
            second = await StartAsync(run, 1, first.Token);
            again.Add(second.Id == id ? Since(start, await view.UntilAsync([id], "alive", Limit)) : double.PositiveInfinity);
            await second.DisposeAsync();
            byFolder.Add(await FindByFolderAsync($"folder{round}"));
        }

        Add(table, "a second node starts with the token of the first: seen by it, from the process's start", byToken, "at most 1");
        Add(table, "the same, from when it is ready", byTokenReady, "");
        Add(table, "a second node starts with a token without addresses, on the same machine: seen, from the process's start", byFolder, "at most 1");
        Add(table, "a killed node is started again: back under its id, from the process's start", again, "at most 2");
    }

    private async Task<double> FindByFolderAsync(string run)
    {
        var token = SwarmToken.Generate().Reveal();
        await using var first = await StartAsync(run, 0, token);
        var start = Stopwatch.GetTimestamp();
        await using var second = await StartAsync(run, 1, token);
        return Since(start, await new MemberView(first).UntilAsync([second.Id], "alive", Limit));
    }

    private async Task AddSwarmAsync(MarkdownTable table, int count, int rounds)
    {
        var (seen, killed, paused, back) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var nodes = new List<MemberProcess>();
        try
        {
            nodes.Add(await StartAsync("swarm", 0, null));
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; i < count; i++)
            {
                nodes.Add(await StartAsync("swarm", i, nodes[0].Token));
            }

            var views = nodes.ConvertAll(node => new MemberView(node));
            var ready = Stopwatch.GetTimestamp();
            seen.Add(Since(ready, await AllAsync(views, [.. nodes.Select(node => node.Id)], "alive")));
            Progress.Say($"{count} nodes: started in {Since(start, ready):F1} s, all see all {seen[0]:F2} s behind that");
            for (var round = 0; round < rounds && views.Count > 2; round++)
            {
                paused.Add(await PauseAsync(views, views[^1].Node, back));
                killed.Add(await KillAsync(views));
                Progress.Say($"round {round + 1} of {rounds}: killed {killed[^1]:F2} s, paused {paused[^1]:F2} s, back {back[^1]:F2} s");
            }
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }

        Add(table, $"{count} nodes, from when the last one is ready: all see all", seen, "at most 10 (8 nodes)");
        Add(table, "one of them is killed: lost by all", killed, "at most 2");
        Add(table, "one of them is paused (SIGSTOP): lost by all", paused, "at most 5");
        Add(table, "it goes on: alive for all", back, "");
    }

    private static async Task<double> PauseAsync(List<MemberView> views, MemberProcess node, List<double> back)
    {
        var others = views.Where(view => view.Node != node).ToList();
        var start = Stopwatch.GetTimestamp();
        node.Signal("STOP");
        var lost = Since(start, await AllAsync(others, [node.Id], "lost"));
        start = Stopwatch.GetTimestamp();
        node.Signal("CONT");
        back.Add(Since(start, await AllAsync(others, [node.Id], "alive")));
        return lost;
    }

    private static async Task<double> KillAsync(List<MemberView> views)
    {
        var node = views[^1].Node;
        views.RemoveAt(views.Count - 1);
        var start = Stopwatch.GetTimestamp();
        node.Kill();
        return Since(start, await AllAsync(views, [node.Id], "lost"));
    }

    private static async Task<long?> AllAsync(IEnumerable<MemberView> views, IReadOnlyCollection<string> ids, string state)
    {
        var times = await Task.WhenAll(views.Select(view => view.UntilAsync([.. ids.Where(id => id != view.Node.Id)], state, Limit)));
        return times.Any(time => time is null) ? null : times.Max();
    }

    private Task<MemberProcess> StartAsync(string run, int number, string? token) =>
        MemberProcess.StartAsync(Path.Combine(_folder, run, $"{number}"), Path.Combine(_folder, run, "runtime"), token);
}
