using System.Diagnostics;

namespace ManagedSwarm.Bench.Streams;

/// <summary>Messages in one direction, as fast as they go.</summary>
internal static class OneWay
{
    /// <summary>Writes messages and closes.</summary>
    /// <param name="wire">To a side that takes all; closed by this.</param>
    /// <param name="bytes">Of a message.</param>
    /// <param name="count">Messages.</param>
    /// <returns>Bytes per second, until the other side has taken the last one.</returns>
    public static async Task<double> RunAsync(IWire wire, int bytes, int count)
    {
        var message = new byte[bytes];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            await wire.WriteAsync(message);
        }

        await wire.CloseAsync();
        return (double)bytes * count / watch.Elapsed.TotalSeconds;
    }
}
