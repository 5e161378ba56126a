using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Token;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Bench.Hops;

/// <summary>
/// The worker's process: holds stages for whoever offers them, and does what lines of standard input ask for until that ends. Each is
/// answered by seconds and bytes.
/// </summary>
internal static class StageProcessLoop
{
    /// <summary>Fetches weights into an empty cache: a manifest's file, the source's peer id, its address.</summary>
    public const string Fetch = "fetch";

    /// <summary>Does that over and over; answered at once.</summary>
    public const string FetchOn = "fetch on";

    /// <summary>Ends that.</summary>
    public const string FetchOff = "fetch off";

    /// <summary>Takes in bytes of no meaning: the head's address.</summary>
    public const string Bulk = "bulk";

    /// <summary>Loads layers of a local file: its path, the first layer, their number.</summary>
    public const string Load = "load";

    /// <summary>Where all listen.</summary>
    public static Multiaddress AnyPort { get; } = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    public static async Task RunAsync(string token, string cache, TextReader input, TextWriter output)
    {
        var swarm = SwarmToken.Parse(token);
        using var identity = Identity.Generate();
        await using var peer = new LocalPeer(identity, LocalPeerOptions.For(swarm));
        await using var node = new StageNode(peer, new SwarmKeys(swarm));
        var fetcher = new WeightFetcher(peer, swarm, new BlobCache(cache));
        using var loader = new BenchStageLoader(fetcher);
        await using var host = new StageHost(node, loader, new StageHostOptions { MemoryLimit = long.MaxValue });
        await peer.StartListenAsync([AnyPort]);
        await SayAsync(output, $"{peer.PeerId} {peer.ListenAddresses[0]}");
        using var tasks = new StageProcessTasks(peer, fetcher, cache);
        while (await input.ReadLineAsync() is { } line)
        {
            var start = Stopwatch.GetTimestamp();
            var bytes = await tasks.RunAsync(line.Split('\t'));
            await SayAsync(output, string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds} {bytes}"));
        }
    }

    private static async Task SayAsync(TextWriter output, string line)
    {
        await output.WriteLineAsync(line);
        await output.FlushAsync();
    }
}
