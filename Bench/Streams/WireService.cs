using System.Buffers.Binary;

namespace ManagedSwarm.Bench.Streams;

/// <summary>
/// What the other process does with a wire. The first four bytes say it: a positive number n, to send back all that comes in blocks of n
/// bytes; 0, to take all that comes and to say nothing.
/// </summary>
internal static class WireService
{
    private const int HeaderBytes = sizeof(int);
    private const int SinkBuffer = 64 * 1024;

    /// <summary>Asks for it.</summary>
    /// <param name="blockBytes">Bytes that come back at once; 0: nothing comes back.</param>
    public static ValueTask AskAsync(IWire wire, int blockBytes)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, blockBytes);
        return wire.WriteAsync(header);
    }

    /// <summary>Does what is asked for until the other side closes.</summary>
    public static async Task ServeAsync(IWire wire)
    {
        var header = new byte[HeaderBytes];
        if (await wire.FillAsync(header))
        {
            var blockBytes = BinaryPrimitives.ReadInt32LittleEndian(header);
            await (blockBytes > 0 ? EchoAsync(wire, new byte[blockBytes]) : SinkAsync(wire, new byte[SinkBuffer]));
        }

        await wire.CloseAsync();
    }

    private static async Task EchoAsync(IWire wire, byte[] block)
    {
        while (await wire.FillAsync(block))
        {
            await wire.WriteAsync(block);
        }
    }

    private static async Task SinkAsync(IWire wire, byte[] buffer)
    {
        while (await wire.ReadAsync(buffer) > 0)
        {
        }
    }
}
