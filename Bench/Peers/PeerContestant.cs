using System.Globalization;

namespace ManagedSwarm.Bench.Peers;

/// <summary>A peer's llama-bench and llama-batched-bench, started anew in each round; they warm up by themselves.</summary>
internal sealed class PeerContestant(Peer peer, string model, int threads, SpeedPlan plan) : IContestant
{
    public string Name => peer.Name;

    /// <summary>Commit and build number, known when it has run.</summary>
    public string Version { get; private set; } = "";

    /// <summary>What it was started with.</summary>
    public string Arguments => string.Join(' ', peer.Arguments);

    public IReadOnlyDictionary<string, double> Measure()
    {
        var speeds = new Dictionary<string, double>();
        if (plan.Prompts.Count + plan.Generations.Count > 0)
        {
            (Version, var measured) = LlamaBenchOutput.ReadJson(PeerProcess.Run(peer.LlamaBench, BenchArguments(), withErrors: false));
            Take(measured);
        }

        if (plan.Batches.Count > 0 && peer.BatchedBench is { } batched)
        {
            Take(LlamaBenchOutput.ReadTable(PeerProcess.Run(batched, BatchedArguments(), withErrors: true)));
        }

        return speeds;

        void Take(IReadOnlyDictionary<string, double> measured)
        {
            foreach (var (test, speed) in measured)
            {
                speeds[test] = speed;
            }
        }
    }

    // 0 leaves a kind of test out.
    private IEnumerable<string> BenchArguments() =>
    [
        "-m", model, "-t", Text(threads), "-r", Text(plan.Repetitions), "-o", "json",
        "-p", List(plan.Prompts), "-n", List(plan.Generations),
        .. peer.Arguments,
    ];

    // The context must hold the largest batch; batch sizes are llama-bench's.
    private IEnumerable<string> BatchedArguments() =>
    [
        "-m", model, "-t", Text(threads), "-b", "2048", "-ub", "512",
        "-c", Text(Math.Max(512, plan.Batches.Max() * (plan.BatchPrompt + plan.BatchTokens))),
        "-npp", Text(plan.BatchPrompt), "-ntg", Text(plan.BatchTokens), "-npl", List(plan.Batches),
        .. peer.BatchedArguments,
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string List(IReadOnlyList<int> values) => values.Count == 0 ? "0" : string.Join(',', values.Select(Text));
}
