using System.Buffers.Binary;
using System.Net.Sockets;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.Noise;

namespace ManagedSwarm.Tests.Transport.Libp2p.Noise;

/// <summary>A channel's messages over real sockets: whole, in order, without memory of their own, and ended by the first wrong byte.</summary>
[Trait("Tier", "Loopback")]
public sealed class NoiseChannelTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_all_sizes_arrive_whole_and_in_order(bool isHidden)
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken, isHidden);
        await using (first)
        await using (second)
        {
            int[] sizes = [1, 2, 47, 1000, 16 << 10, 65519, 65519, 3, 65518, 40_000, 65519];
            var sending = SendAllAsync(first, sizes);
            foreach (var size in sizes)
            {
                var message = await second.ReceiveAsync(CancellationToken);
                Assert.Equal(Bytes(size), message.ToArray());
            }

            await sending;
            await second.SendAsync(Message(second, Bytes(5)), CancellationToken);
            Assert.Equal(Bytes(5), (await first.ReceiveAsync(CancellationToken)).ToArray());
        }
    }

    [Fact]
    public async Task An_orderly_end_is_an_empty_message()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        await first.SendAsync(Message(first, Bytes(9)), CancellationToken);
        await first.DisposeAsync();
        Assert.Equal(9, (await second.ReceiveAsync(CancellationToken)).Length);
        Assert.Equal(0, (await second.ReceiveAsync(CancellationToken)).Length);
        Assert.Equal(0, (await second.ReceiveAsync(CancellationToken)).Length);
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Messages_without_bytes_are_passed_over()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        await first.SendAsync(Message(first, []), CancellationToken);
        await first.SendAsync(Message(first, Bytes(1)), CancellationToken);
        Assert.Equal(1, (await second.ReceiveAsync(CancellationToken)).Length);
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_changed_repeated_or_missing_message_ends_the_channel()
    {
        foreach (var damage in (string[])["changed", "repeated", "missing"])
        {
            var (channel, socket) = await ChannelPair.CreateHalfAsync(CancellationToken);
            using var sender = ChannelPair.CreateSender();
            var messages = (byte[][])[Sealed(sender, 10), Sealed(sender, 20)];
            messages[1][7] ^= (byte)(damage == "changed" ? 1 : 0);
            await socket.SendAsync(damage switch
            {
                "missing" => messages[1],
                "repeated" => [.. messages[0], .. messages[0]],
                _ => (byte[])[.. messages[0], .. messages[1]],
            }, CancellationToken);
            var expected = damage == "missing" ? 0 : 10;
            if (expected > 0)
            {
                Assert.Equal(expected, (await channel.ReceiveAsync(CancellationToken)).Length);
            }

            Assert.Equal("invalid_message", (await ReceiveErrorAsync(channel)).Code);
            Assert.Equal(0, (await channel.ReceiveAsync(CancellationToken)).Length);
            Assert.Equal("connection_lost", (await Assert.ThrowsAsync<SwarmException>(
                () => channel.SendAsync(Message(channel, Bytes(1)), CancellationToken).AsTask())).Code);
            await channel.DisposeAsync();
            socket.Dispose();
        }
    }

    [Theory]
    [InlineData("0000", "invalid_message")]
    [InlineData("000f000000000000000000000000000000", "invalid_message")]
    [InlineData("00", "connection_lost")]
    [InlineData("ffff0000", "connection_lost")]
    [InlineData("001000000000000000000000000000000000", "invalid_message")]
    public async Task A_wrong_length_or_a_cut_message_is_refused(string hex, string code)
    {
        var (channel, socket) = await ChannelPair.CreateHalfAsync(CancellationToken);
        await socket.SendAsync(Convert.FromHexString(hex), CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(code, (await ReceiveErrorAsync(channel)).Code);
        await channel.DisposeAsync();
        socket.Dispose();
    }

    [Fact]
    public async Task What_a_negotiation_leaves_is_received_next()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        await first.SendAsync(Message(first, Bytes(100)), CancellationToken);
        var start = new byte[30];
        await second.ReadExactlyAsync(start, CancellationToken);
        Assert.Equal(Bytes(100)[..30], start);
        Assert.Equal(Bytes(100)[30..], (await second.ReceiveAsync(CancellationToken)).ToArray());
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_receive_loses_nothing()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        using (var stopping = new CancellationTokenSource())
        {
            var receiving = second.ReceiveAsync(stopping.Token).AsTask();
            await stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        }

        await first.SendAsync(Message(first, Bytes(50)), CancellationToken);
        Assert.Equal(Bytes(50), (await second.ReceiveAsync(CancellationToken)).ToArray());
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_send_is_the_last_one()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        using var stopping = new CancellationTokenSource();
        var sending = SendForeverAsync(first, stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        var exception = await Assert.ThrowsAsync<SwarmException>(() => first.SendAsync(Message(first, Bytes(1)), CancellationToken).AsTask());
        Assert.Equal("connection_lost", exception.Code);
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_stream_gives_what_was_sealed_before_the_damage_and_nothing_else()
    {
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var (channel, socket) = await ChannelPair.CreateHalfAsync(CancellationToken);
            using var sender = ChannelPair.CreateSender();
            var whole = (byte[])[.. Sealed(sender, 30), .. Sealed(sender, 3), .. Sealed(sender, 500)];
            await socket.SendAsync(Mutation.Apply(whole, random), CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            var lengths = new List<int>();
            try
            {
                while (await channel.ReceiveAsync(CancellationToken) is { IsEmpty: false } message)
                {
                    Assert.Equal(-1, message.Span.IndexOfAnyExcept((byte)0));
                    lengths.Add(message.Length);
                }
            }
            catch (SwarmException exception)
            {
                Assert.Contains(exception.Code, (string[])["invalid_message", "connection_lost"]);
            }

            Assert.Equal(((int[])[30, 3, 500]).Take(lengths.Count), lengths);
            await channel.DisposeAsync();
            socket.Dispose();
        }
    }

    [Fact]
    public async Task A_disposed_channel_ends_a_receive_under_way()
    {
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken);
        var receiving = ReceiveErrorAsync(second);
        await second.DisposeAsync();
        Assert.Equal("connection_lost", (await receiving).Code);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_message_of_16_KiB_costs_next_to_no_memory()
    {
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(NoiseChannelTests));
            return;
        }

        Assert.InRange(await MeasureAsync(isHidden: false), 0, 256);
        Assert.InRange(await MeasureAsync(isHidden: true), 0, 256);
    }

    /// <summary>Bytes allocated per message, in the best of some rounds: the test's runner allocates at any time.</summary>
    private static async Task<long> MeasureAsync(bool isHidden)
    {
        const int Messages = 500;
        var (first, second) = await ChannelPair.CreateAsync(CancellationToken, isHidden);
        var (there, back) = (Message(first, Bytes(16 << 10)), Message(second, Bytes(16 << 10)));
        var fewest = long.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Messages; i++)
            {
                await EchoAsync(first, second, there, back);
            }

            fewest = Math.Min(fewest, (GC.GetTotalAllocatedBytes(precise: true) - before) / (2 * Messages));
        }

        await first.DisposeAsync();
        await second.DisposeAsync();
        return fewest;
    }

    private static async Task EchoAsync(NoiseChannel first, NoiseChannel second, byte[] there, byte[] back)
    {
        var length = there.Length - first.HeadRoom - first.TailRoom;
        await first.SendAsync(there, default);
        for (var count = 0; count < length;)
        {
            count += (await second.ReceiveAsync(default)).Length;
        }

        await second.SendAsync(back, default);
        for (var count = 0; count < length;)
        {
            count += (await first.ReceiveAsync(default)).Length;
        }
    }

    private static async Task SendAllAsync(NoiseChannel channel, int[] sizes)
    {
        foreach (var size in sizes)
        {
            await channel.SendAsync(Message(channel, Bytes(size)), CancellationToken);
        }
    }

    private static async Task SendForeverAsync(NoiseChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            await channel.SendAsync(Message(channel, Bytes(60_000)), cancellationToken);
        }
    }

    private static async Task<SwarmException> ReceiveErrorAsync(NoiseChannel channel) =>
        await Assert.ThrowsAsync<SwarmException>(() => channel.ReceiveAsync(CancellationToken).AsTask());

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Message(NoiseChannel channel, byte[] bytes) => [.. new byte[channel.HeadRoom], .. bytes, .. new byte[channel.TailRoom]];

    private static byte[] Sealed(CipherState sender, int length)
    {
        var message = new byte[2 + length + CipherState.TagLength];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(message.Length - 2));
        sender.Seal(message.AsSpan(2, length), message.AsSpan(2 + length));
        return message;
    }
}
