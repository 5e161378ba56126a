using System.Runtime.CompilerServices;

namespace ManagedSwarm.Bench.Streams;

internal static class WireExtensions
{
    /// <summary>Fills a buffer.</summary>
    /// <returns>False: the other side has closed.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> FillAsync(this IWire wire, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await wire.ReadAsync(buffer);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }

    /// <summary>Reads what is left until the other side has closed.</summary>
    public static async ValueTask ReadToEndAsync(this IWire wire)
    {
        var buffer = new byte[1024];
        while (await wire.ReadAsync(buffer) > 0)
        {
        }
    }
}
