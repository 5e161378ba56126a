using ManagedSwarm.Bench.Processes;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Splits;

/// <summary>
/// One process on one core, and a head with workers, each worker with a core of its own and the head on the first of these, by turns over the
/// same requests. Those that are not asked sleep.
/// </summary>
/// <param name="model">A GGUF file.</param>
/// <param name="layers">The layers of each worker, such as <c>0..10</c>.</param>
/// <param name="plan">What is measured.</param>
/// <param name="folder">For homes and caches; empty.</param>
internal sealed class SplitContest(string model, IReadOnlyList<string> layers, SplitBenchPlan plan, string folder) : IAsyncDisposable
{
    public const string Decode = "decode";
    public const string Prefill = "prefill";
    public const string Aggregate = "aggregate";

    private const int ShortPrompt = 16;

    private readonly List<NodeProcess> _nodes = [];
    private readonly List<(SplitFigures Figures, CompletionClient Client)> _contestants = [];

    public SplitFigures Whole { get; } = new();

    public SplitFigures Split { get; } = new();

    public async Task StartAsync()
    {
        var token = SwarmToken.Generate().Reveal();
        for (var i = 0; i < layers.Count; i++)
        {
            string[] worker = ["worker", "--token", token, "--node-name", $"w{i}", "--threads", "1", .. Local];
            _nodes.Add(await NodeProcess.StartAsync(Home($"worker{i}"), Home("runtime"), "Joined", worker, core: i));
        }

        var ranges = layers.SelectMany((range, i) => new[] { "--layers", $"w{i}={range}" });
        string[] head = ["run", model, "--token", token, "--node-name", "head", .. Local, .. ranges, .. Common];
        var split = await NodeProcess.StartAsync(Home("head"), Home("runtime"), "Listening", head, core: 0);
        _nodes.Add(split);
        Progress.Say("the split model is ready");
        var whole = await NodeProcess.StartAsync(Home("whole"), Home("runtime"), "Listening", ["run", model, .. Common], core: 0);
        _nodes.Add(whole);
        Progress.Say("the whole model is ready");
        _contestants.Add((Whole, new(whole.Address!)));
        _contestants.Add((Split, new(split.Address!)));
    }

    public async Task RunAsync(int rounds)
    {
        foreach (var (_, client) in _contestants)
        {
            await client.AskAsync(plan.PromptTokens[0], plan.ReplyTokens);
            await client.RateAsync(plan.Requests, ShortPrompt, plan.ReplyTokens);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (figures, client) in round % 2 == 0 ? _contestants : [.. Enumerable.Reverse(_contestants)])
            {
                await MeasureAsync(figures, client);
            }

            Progress.Say($"round {round + 1} of {rounds}: decode {Split[Decode].Over(Whole[Decode]).Values[^1]:F2} of the whole model's");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, client) in _contestants)
        {
            client.Dispose();
        }

        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    private static IReadOnlyList<string> Local => ["--mdns", "off", "--p2p-listen", "/ip4/127.0.0.1/tcp/0"];

    private IReadOnlyList<string> Common =>
        ["--address", "127.0.0.1:0", "--threads", "1", "--prefix-cache", "off", "--context", $"{plan.PromptTokens.Max() + plan.ReplyTokens}"];

    private string Home(string name) => Path.Combine(folder, name);

    private async Task MeasureAsync(SplitFigures figures, CompletionClient client)
    {
        var reply = await client.AskAsync(ShortPrompt, plan.ReplyTokens);
        figures.Add(Decode, Serving.TokenTimes.Rate([reply]));
        foreach (var tokens in plan.PromptTokens)
        {
            figures.Add(Prefill + tokens, tokens / (await client.AskAsync(tokens, 1)).ToFirst);
        }

        figures.Add(Aggregate, await client.RateAsync(plan.Requests, ShortPrompt, plan.ReplyTokens));
    }
}
