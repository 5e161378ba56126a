using System.Diagnostics;

namespace ManagedSwarm.Bench.Streams;

/// <summary>Many streams of one connection at once.</summary>
internal static class ManyStreams
{
    /// <summary>Streams.</summary>
    public const int Count = 1000;

    private const int MessageBytes = 64;

    /// <returns>Milliseconds until all were open, and until all had sent something and had got it back.</returns>
    public static async Task<(double Opened, double Echoed)> RunAsync(StackClient client)
    {
        var watch = Stopwatch.StartNew();
        var wires = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => client.OpenAsync(MessageBytes)));
        var opened = watch.Elapsed.TotalMilliseconds;
        await Task.WhenAll(wires.Select(EchoAsync));
        var echoed = watch.Elapsed.TotalMilliseconds;
        await Task.WhenAll(wires.Select(wire => wire.CloseAsync().AsTask()));
        return (opened, echoed);
    }

    private static async Task EchoAsync(IWire wire)
    {
        var message = new byte[MessageBytes];
        await wire.WriteAsync(message);
        await wire.FillAsync(message);
    }
}
