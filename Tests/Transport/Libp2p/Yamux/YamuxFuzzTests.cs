using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Live connections that are told mutated frames: each ends with a reason, and leaves nothing.</summary>
public sealed class YamuxFuzzTests
{
    private const int Inputs = 20_000;
    private const int AtOnce = 100;
    private static readonly string[] Reasons = ["protocol_violation", "session_closed"];

    [Theory(Timeout = 4 * YamuxEchoTests.GuardMilliseconds)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ends_with_a_reason_whatever_comes(int seed)
    {
        var random = new Random(seed);
        var reasons = new Dictionary<string, int>();
        for (var input = 0; input < Inputs; input += AtOnce)
        {
            var runs = Enumerable.Range(0, AtOnce).Select(_ => RunAsync(MakeInput(random))).ToArray();
            foreach (var reason in await Task.WhenAll(runs))
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }
        }

        Assert.Equal(Reasons, reasons.Keys.Order());
        Assert.All(reasons.Values, count => Assert.InRange(count, Inputs / 50, Inputs));
    }

    /// <returns>Why it ended.</returns>
    private static async Task<string> RunAsync(List<byte[]> input)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var options = RawPeer.Quiet with { MaxInboundStreams = 3, AcceptBacklog = 2, VainStreamBurst = 3 };
        await using var connection = new YamuxConnection(new ScriptedChannel(input), isDialer: false, options);
        while (await connection.AcceptAsync(cancellationToken) is { } stream)
        {
            await UseAsync(stream, cancellationToken);
        }

        await connection.Closed.WaitAsync(cancellationToken);
        await connection.DisposeAsync();
        Assert.Equal((0, 0), (connection.StreamCount, connection.Buffers.Count));
        return connection.CloseReason!.Code;
    }

    private static async Task UseAsync(YamuxStream stream, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[64];
            var count = await stream.ReadAsync(buffer, cancellationToken);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            await stream.CloseWriteAsync(cancellationToken);
        }
        catch (ManagedSwarm.Transport.SwarmException error)
        {
            Assert.Equal("stream_reset", error.Code);
        }
    }

    /// <summary>A few messages of a few frames, mostly sound ones of few streams, cut and changed here and there.</summary>
    private static List<byte[]> MakeInput(Random random)
    {
        using var all = new MemoryStream();
        var header = new byte[FrameHeader.Size];
        for (var frames = random.Next(1, 12); frames > 0; frames--)
        {
            var frame = MakeFrame(random);
            frame.Write(header);
            all.Write(header);
            all.Write(new byte[Math.Min(frame.PayloadLength, 1000)]);
        }

        var bytes = all.ToArray();
        if (random.Next(3) == 0)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return Cut(bytes[..(random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length)], random);
    }

    private static FrameHeader MakeFrame(Random random)
    {
        var type = random.Next(8) switch
        {
            < 4 => FrameType.Data,
            < 6 => FrameType.WindowUpdate,
            6 => FrameType.Ping,
            _ => random.Next(8) == 0 ? FrameType.GoAway : FrameType.Data,
        };
        var flags = random.Next(3) == 0 ? (FrameFlags)(1 << random.Next(4)) : type == FrameType.Ping ? FrameFlags.Syn : FrameFlags.None;
        var id = type > FrameType.WindowUpdate ? 0 : (uint)((random.Next(3) * 2) + 1);
        var length = random.Next(30) == 0 ? (uint)random.NextInt64(uint.MaxValue) : (uint)random.Next(random.Next(1000) + 1);
        if (random.Next(2) == 0 && type <= FrameType.WindowUpdate)
        {
            flags |= FrameFlags.Syn;
            id = (uint)((random.Next(40) * 2) + 1);
        }

        return new FrameHeader(type, flags, id, length);
    }

    private static List<byte[]> Cut(byte[] bytes, Random random)
    {
        var pieces = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var count = Math.Min(bytes.Length - at, random.Next(1, 400));
            pieces.Add(bytes.AsSpan(at, count).ToArray());
            at += count;
        }

        return pieces;
    }

    /// <summary>Says what it was given, then ends; takes what it is told.</summary>
    private sealed class ScriptedChannel(List<byte[]> messages) : IMessageChannel
    {
        private int _next;

        public int HeadRoom => 0;

        public int TailRoom => 0;

        public int MaxMessage => 65519;

        public ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken) => default;

        public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken) =>
            new(_next < messages.Count ? messages[_next++] : ReadOnlyMemory<byte>.Empty);

        public ValueTask DisposeAsync() => default;
    }
}
