using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>What tests do with streams.</summary>
internal static class TestStreams
{
    public static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Reads until the other side has closed.</summary>
    public static async Task<byte[]> ReadToEndAsync(this YamuxStream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[20_000];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public static async ValueTask ReadExactlyAsync(this YamuxStream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken);
            Assert.NotEqual(0, count);
            buffer = buffer[count..];
        }
    }

    /// <summary>Sends back what comes, until the other side closes.</summary>
    public static async Task EchoAsync(this YamuxStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[20_000];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        await stream.CloseWriteAsync(cancellationToken);
        await stream.DisposeAsync();
    }

    public static async Task<SwarmException> ThrowsAsync(string code, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<SwarmException>(action);
        Assert.Equal(code, error.Code);
        return error;
    }
}
