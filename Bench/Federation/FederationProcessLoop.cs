using System.Runtime.CompilerServices;
using System.Text.Json;
using ManagedSwarm.Bench.Loading;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Federation;

/// <summary>The other process's questions and answers: lines of standard input and output, until the input ends.</summary>
internal static class FederationProcessLoop
{
    /// <summary>Bytes in use on the managed heap, and resident of no file: each after a collection.</summary>
    public const string Memory = "memory";

    /// <summary>When replies were cancelled that are not yet told: timestamps of this machine.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>How many replies are under way.</summary>
    public const string Active = "active";

    /// <param name="plan">A <see cref="ProcessPlan"/> as JSON.</param>
    /// <param name="input">Its questions.</param>
    /// <param name="output">Its nodes, then the answers.</param>
    public static async Task<int> RunAsync(string plan, TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        var nodes = new List<FederationNode>();
        try
        {
            var started = new List<StartedNode>();
            await foreach (var node in StartAsync(JsonSerializer.Deserialize<ProcessPlan>(plan)!, cancellationToken))
            {
                nodes.Add(node);
                started.Add(new(node.Id, node.Address, [.. node.Addresses.Select(address => address.ToString())]));
            }

            await AnswerAsync(output, started);
            while (await input.ReadLineAsync(cancellationToken) is { } question)
            {
                await AnswerAsync(output, Answer(question, nodes));
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }

        return 0;
    }

    private static async IAsyncEnumerable<FederationNode> StartAsync(
        ProcessPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var token = SwarmToken.Parse(plan.Token);
        List<Multiaddress> known = [.. plan.Known.Select(Multiaddress.Parse)];
        foreach (var node in plan.Nodes)
        {
            var started = node.Policy is { } policy
                ? await FederationNode.StartRouterAsync(token, node.Name, known, node.Instances, Options(policy), cancellationToken)
                : await FederationNode.StartInstanceAsync(token, node.Name, known, node.Speed, cancellationToken);
            known = known.Count == 0 ? [.. started.Addresses] : known;
            yield return started;
        }
    }

    /// <summary>Instances that have just come would get less for a while.</summary>
    private static RouterOptions Options(RoutePolicyKind policy) => new() { Policy = policy, SlowStart = TimeSpan.FromTicks(1) };

    private static long[] Answer(string question, List<FederationNode> nodes) => question switch
    {
        Memory => MeasureMemory(),
        Active => [nodes.Sum(node => node.Active)],
        Cancelled => [.. nodes.SelectMany(node => node.TakeCancelled())],
        _ => throw new ArgumentException($"there is no question '{question}'", nameof(question)),
    };

    private static async Task AnswerAsync<T>(TextWriter output, T answer)
    {
        await output.WriteLineAsync(JsonSerializer.Serialize(answer));
        await output.FlushAsync();
    }

    private static long[] MeasureMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return [GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Anonymous()];
    }
}
