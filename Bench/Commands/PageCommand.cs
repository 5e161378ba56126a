using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Bench.Pages;
using ManagedSwarm.Bench.Processes;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>page</c>: pages in a browser on this machine.</summary>
internal sealed class PageCommand
{
    private const int CrowdSize = 50;

    private readonly Option<int> _rounds = new("--rounds") { Description = "How often each is done", DefaultValueFactory = _ => 7 };
    private readonly Option<double> _seconds = new("--seconds") { Description = "How long frames and idle pages are watched", DefaultValueFactory = _ => 30 };
    private readonly Option<int> _updates = new("--updates") { Description = "Changes of nodes per second", DefaultValueFactory = _ => 40 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var page = new PageCommand();
        var command = new Command("page", "First paint, weight, frames and cost of the page of the swarm, in an installed Chromium")
        {
            page._rounds, page._seconds, page._updates, page._output,
        };
        command.SetAction((parsed, _) => page.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("managedswarm-page-").FullName;
        try
        {
            await using var browser = await PageBrowser.StartAsync();
            var settings = $"{browser.Version}, headless, over loopback; browser and node share the machine";
            var report = new Report("page", "The page of the swarm", settings, arguments, [ProgramFile.Variable]);
            var (rounds, length) = (parsed.GetValue(_rounds), TimeSpan.FromSeconds(parsed.GetValue(_seconds)));
            await PaintAsync(browser, folder, rounds, report);
            await IdleAsync(browser, folder, length, report);
            await FramesAsync(browser, parsed.GetValue(_updates), length, report);
            await LossAsync(browser, folder, rounds, report);
            report.Save(parsed.GetValue(_output));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<NodeProcess> StartAsync(string home, string ready, params IEnumerable<string> arguments) =>
        NodeProcess.StartAsync(home, home, ready, [.. arguments, "--mdns", "off", "--p2p-listen", "/ip4/127.0.0.1/tcp/0"]);

    private static async Task PaintAsync(PageBrowser browser, string folder, int rounds, Report report)
    {
        var (first, ready, later) = (new List<PaintRun>(), new List<PaintRun>(), new List<PaintRun>());
        for (var round = 0; round < rounds; round++)
        {
            Progress.Say($"paint {round + 1}");
            await using var node = await StartAsync(Path.Combine(folder, "paint"), "Listening on", "run", "--p2p", "--address", "127.0.0.1:0");
            first.Add(await PaintRun.RunAsync(browser, node.Address!));
            await PaintRun.RunAsync(browser, node.Address!);
            later.Add(await PaintRun.RunAsync(browser, node.Address!));
            await using var other = await StartAsync(Path.Combine(folder, "paint"), "Listening on", "run", "--p2p", "--address", "127.0.0.1:0");
            await Task.Delay(TimeSpan.FromSeconds(5));
            ready.Add(await PaintRun.RunAsync(browser, other.Address!));
        }

        report.AddSection("First paint and weight");
        report.AddParagraph(
            "The first page of a node that has just said that it listens, its third, and the first of another one 5 s after it has said so (pages are got "
            + "ready from 0.25 s after the port is open, while a model is loaded); each in a browser that has kept nothing. Milliseconds, medians (least to most).");
        report.AddTable(new MarkdownTable("page", "first byte", "first contentful paint", "sent, KiB", "requests")
            .Add(Row("the first, at once", first))
            .Add(Row("the first, after 5 s", ready))
            .Add(Row("the third", later)));
    }

    private static async Task IdleAsync(PageBrowser browser, string folder, TimeSpan length, Report report)
    {
        await using var node = await StartAsync(Path.Combine(folder, "idle"), "Listening on", "run", "--p2p", "--address", "127.0.0.1:0");
        var page = await browser.OpenAsync(node.Address!, "/swarm");
        await page.Context.CloseAsync();
        var table = new MarkdownTable("page", "of a core, %");
        // By turns, as a node does more in its first seconds.
        foreach (var isOpen in new[] { false, true, false, true })
        {
            Progress.Say(isOpen ? "idle, with a page" : "idle, without a page");
            var watched = isOpen ? await browser.OpenAsync(node.Address!, "/swarm") : null;
            await Task.Delay(TimeSpan.FromSeconds(2));
            var (before, start) = (node.CpuTime(), Stopwatch.GetTimestamp());
            await Task.Delay(length);
            var share = (node.CpuTime() - before) / Stopwatch.GetElapsedTime(start);
            table.Add(isOpen ? "one is open" : "none", (100 * share).ToString("F2", CultureInfo.InvariantCulture));
            await (watched?.Context.CloseAsync() ?? Task.CompletedTask);
        }

        report.AddSection("What an idle page costs the node");
        report.AddParagraph($"Processor time of the node's process over {length.TotalSeconds:F0} s: a swarm of one, no requests.");
        report.AddTable(table);
    }

    private static async Task FramesAsync(PageBrowser browser, int perSecond, TimeSpan length, Report report)
    {
        Progress.Say("frames");
        var run = await FrameRun.RunAsync(browser, CrowdSize, perSecond, length);
        var frames = run.Frames.Order().ToList();
        report.AddSection($"{CrowdSize} nodes");
        report.AddParagraph(
            $"Records of nodes change one after the other for {length.TotalSeconds:F0} s; the page is told at most four times a second. "
            + "Milliseconds from a frame to the next one.");
        report.AddTable(new MarkdownTable("changes per second", "drawn per second", "median", "99 %", "longest", "frames", "longer than 50 ms", "tasks of the page longer than 50 ms").Add(
            Rounds.Digits(run.Updates),
            Rounds.Digits(run.Drawings),
            Rounds.Digits(frames[frames.Count / 2]),
            Rounds.Digits(frames[(int)(frames.Count * 0.99)]),
            Rounds.Digits(frames[^1]),
            $"{frames.Count}",
            $"{frames.Count(frame => frame > 50)}",
            $"{run.LongTasks}"));
    }

    private static async Task LossAsync(PageBrowser browser, string folder, int rounds, Report report)
    {
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            Progress.Say($"loss {round + 1}");
            var token = SwarmToken.Generate().Reveal();
            await using var worker = await StartAsync(Path.Combine(folder, $"worker-{round}"), "Joined", "worker", "--token", token, "--node-name", "lost-one");
            await using var head = await StartAsync(
                Path.Combine(folder, $"worker-{round}"), "Listening on", "run", "--token", token, "--address", "127.0.0.1:0");
            var page = await browser.OpenAsync(head.Address!, "/swarm");
            await page.Locator("[data-node].alive", new() { HasText = "lost-one" }).WaitForAsync();
            var start = Stopwatch.GetTimestamp();
            worker.Kill();
            await page.Locator("[data-node].lost", new() { HasText = "lost-one" }).WaitForAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await page.Context.CloseAsync();
        }

        times.Sort();
        report.AddSection("A worker is killed while somebody looks");
        report.AddParagraph("Seconds until its card says so.");
        report.AddTable(new MarkdownTable("median", "least", "most", "losses").Add(
            Rounds.Digits(times[times.Count / 2]), Rounds.Digits(times[0]), Rounds.Digits(times[^1]), $"{times.Count}"));
    }

    private static IEnumerable<string> Row(string name, List<PaintRun> runs) =>
    [
        name,
        Spread(runs.Select(run => run.FirstByteMs)),
        Spread(runs.Select(run => run.PaintMs)),
        Spread(runs.Select(run => run.Bytes / 1024.0)),
        Spread(runs.Select(run => (double)run.Requests)),
    ];

    private static string Spread(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Count / 2]:F0} ({sorted[0]:F0} to {sorted[^1]:F0})");
    }
}
