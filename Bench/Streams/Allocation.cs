namespace ManagedSwarm.Bench.Streams;

/// <summary>What messages cost both processes' garbage collectors.</summary>
internal static class Allocation
{
    /// <summary>Bytes that both processes allocate while something runs, per message.</summary>
    public static async Task<double> PerMessageAsync(StreamServerProcess server, int messages, Func<Task> run)
    {
        var before = await server.AllocatedAsync() + GC.GetTotalAllocatedBytes(precise: true);
        await run();
        var after = GC.GetTotalAllocatedBytes(precise: true) + await server.AllocatedAsync();
        return (double)(after - before) / messages;
    }
}
