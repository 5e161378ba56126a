using System.Buffers.Binary;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>What our side says by one stream at a time, and hears.</summary>
internal static class TestStreams
{
    /// <summary>Opens streams, all before anything is said by one, and has bytes echoed by each.</summary>
    public static async Task EchoAsync(ISession session, int bytes, int streams = 1)
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => OpenAsync(session, TestProtocols.Echo)));
        await Task.WhenAll(opened.Select((stream, seed) => EchoAsync(stream, Pattern(bytes, seed))));
    }

    /// <summary>Closes its direction, and only then hears the answer.</summary>
    public static async Task HalfCloseAsync(ISession session, int bytes)
    {
        var sent = Pattern(bytes, 0);
        var answer = await ExchangeAsync(await OpenAsync(session, TestProtocols.Digest), sent);
        Assert.Equal(Digest(bytes, SHA256.HashData(sent)), answer);
    }

    /// <summary>The answer of <see cref="TestProtocols.Digest"/>.</summary>
    public static byte[] Digest(long count, byte[] hash)
    {
        var answer = new byte[sizeof(long) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(answer, count);
        hash.CopyTo(answer, sizeof(long));
        return answer;
    }

    public static Task<IMuxStream> OpenAsync(ISession session, string protocolId) =>
        session.OpenStreamAsync(protocolId, TestContext.Current.CancellationToken).AsTask();

    private static async Task EchoAsync(IMuxStream stream, byte[] bytes)
    {
        var received = await ExchangeAsync(stream, bytes);

        // Assert.Equal would be slow with many bytes.
        Assert.True(received.AsSpan().SequenceEqual(bytes), $"{received.Length} bytes came back of {bytes.Length}, and they differ");
    }

    /// <summary>Says bytes, closes its direction, hears the other to its end.</summary>
    private static async Task<byte[]> ExchangeAsync(IMuxStream stream, byte[] bytes)
    {
        await using (stream)
        {
            var saying = SayAsync(stream, bytes);
            var received = await ReadToEndAsync(stream);
            await saying;
            return received;
        }
    }

    private static async Task SayAsync(IMuxStream stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
        await stream.CloseWriteAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<byte[]> ReadToEndAsync(IMuxStream stream)
    {
        using var received = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is var count and > 0)
        {
            received.Write(buffer, 0, count);
        }

        return received.ToArray();
    }

    private static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
