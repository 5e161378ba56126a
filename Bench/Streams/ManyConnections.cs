using System.Diagnostics;

namespace ManagedSwarm.Bench.Streams;

/// <summary>Many peers that connect to one.</summary>
/// <param name="Milliseconds">From the first dial until each peer and the one have told each other what they serve.</param>
/// <param name="Heap">Bytes of the one peer's heap for each.</param>
/// <param name="Anonymous">Resident bytes of its process for each.</param>
internal sealed record ManyConnections(double Milliseconds, double Heap, double Anonymous)
{
    /// <summary>Connections.</summary>
    public const int Count = 200;

    // Handshakes that one peer has under way before it leaves more of them in the system's queue.
    private const int AtOnce = 32;

    /// <summary>Runs once, with a process of its own at the other end: pooled buffers of earlier ones would not be counted.</summary>
    public static async Task<ManyConnections> RunAsync(Stack stack)
    {
        await using var server = await StreamServerProcess.StartAsync();
        var clients = Enumerable.Range(0, Count + 1).Select(_ => new StackClient(stack, server.Addresses)).ToList();
        try
        {
            // The first one has the other side compile what it needs.
            await clients[^1].ConnectAsync();
            var before = await server.MemoryAsync();
            var watch = Stopwatch.StartNew();
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
            await Parallel.ForEachAsync(clients.Take(Count), options, async (client, _) => await client.ConnectAsync());
            var milliseconds = watch.Elapsed.TotalMilliseconds;
            var after = await server.MemoryAsync();
            return new(milliseconds, (double)(after.Heap - before.Heap) / Count, (double)(after.Anonymous - before.Anonymous) / Count);
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }
}
