using System.Net.Sockets;
using System.Text;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;
using ManagedSwarm.Transport.Libp2p.Tcp;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p.Tcp;

/// <summary>From bare sockets to sealed channels: both roles, both gates, and strangers at the door.</summary>
[Trait("Tier", "Loopback")]
public sealed class UpgraderTests : IDisposable
{
    private static readonly PreSharedKey Key = new("private networks share these 32 b"u8[..32]);

    private readonly Identity _dialer = Identity.Generate();
    private readonly Identity _listener = Identity.Generate();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _dialer.Dispose();
        _listener.Dispose();
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    public async Task Both_sides_get_a_channel_a_peer_and_a_muxer(bool isPrivate, bool hasPrologue, bool isEarly)
    {
        var options = new UpgradeOptions
        {
            PreSharedKey = isPrivate ? Key : null,
            Prologue = hasPrologue ? "members only"u8.ToArray() : default,
        };
        var (dialed, accepted) = await ConnectAsync(options, options with { OffersMuxersEarly = isEarly }, _listener.PeerId);
        Assert.Equal((_listener.PeerId, "/yamux/1.0.0", true), (dialed.RemotePeer, dialed.Muxer, dialed.IsDialer));
        Assert.Equal((_dialer.PeerId, "/yamux/1.0.0", false), (accepted.RemotePeer, accepted.Muxer, accepted.IsDialer));
        Assert.StartsWith("/ip4/127.0.0.1/tcp/", dialed.RemoteAddress.ToString(), StringComparison.Ordinal);
        await SendAsync(dialed.Channel, "question");
        Assert.Equal("question", await ReceiveAsync(accepted.Channel));
        await SendAsync(accepted.Channel, "answer");
        Assert.Equal("answer", await ReceiveAsync(dialed.Channel));
        await dialed.Channel.DisposeAsync();
        await accepted.Channel.DisposeAsync();
    }

    [Fact]
    public async Task The_first_muxer_that_both_have_is_taken_in_and_after_the_handshake()
    {
        foreach (var isEarly in (bool[])[true, false])
        {
            var listeners = new UpgradeOptions { Muxers = ["/b", "/c"], OffersMuxersEarly = isEarly };
            var (dialed, accepted) = await ConnectAsync(new() { Muxers = ["/a", "/c", "/b"] }, listeners);
            Assert.Equal(("/c", "/c"), (dialed.Muxer, accepted.Muxer));
            await dialed.Channel.DisposeAsync();
            await accepted.Channel.DisposeAsync();
        }
    }

    [Fact]
    public async Task Somebody_else_than_the_peer_dialed_is_refused()
    {
        var (dialing, accepting) = await StartAsync(new(), new(), _dialer.PeerId);
        Assert.Equal("wrong_peer", (await FailAsync(dialing)).Code);
        Assert.Equal("connection_lost", (await FailAsync(accepting)).Code);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Another_private_network_or_none_is_refused(bool dialerIsPrivate, bool listenerIsPrivate)
    {
        var (dialing, accepting) = await StartAsync(
            new() { PreSharedKey = dialerIsPrivate ? PreSharedKey.Generate() : null },
            new() { PreSharedKey = listenerIsPrivate ? Key : null });

        // One of them hears nonsense and closes; whether the other one hears it too before it hears the end is a matter of time.
        Assert.Contains((await FailAsync(dialing)).Code, (string[])["handshake_failed", "connection_lost"]);
        Assert.Contains((await FailAsync(accepting)).Code, (string[])["handshake_failed", "connection_lost"]);
    }

    [Theory]
    [InlineData("", "members only")]
    [InlineData("members only", "")]
    [InlineData("members only", "members too")]
    public async Task Another_prologue_or_none_is_refused(string dialers, string listeners)
    {
        var (dialing, accepting) = await StartAsync(
            new() { Prologue = Encoding.UTF8.GetBytes(dialers) },
            new() { Prologue = Encoding.UTF8.GetBytes(listeners) });
        var exception = await FailAsync(dialing);
        Assert.Equal("handshake_failed", exception.Code);
        Assert.StartsWith("The handshake with 127.0.0.1:", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("members", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal("connection_lost", (await FailAsync(accepting)).Code);
    }

    [Fact]
    public async Task A_stranger_to_a_private_network_gets_24_bytes_and_nothing_else()
    {
        var (stranger, socket) = await SocketPair.CreateAsync(CancellationToken);
        using var upgrader = new Upgrader(_listener, new() { PreSharedKey = Key });
        var accepting = upgrader.AcceptAsync(socket, CancellationToken).AsTask();
        await stranger.SendAsync(MultistreamLine.Encode(["/multistream/1.0.0", "/noise"]), CancellationToken);
        stranger.Shutdown(SocketShutdown.Send);
        Assert.Equal(24, (await ReceiveAllAsync(stranger)).Length);
        await FailAsync(accepting);
        stranger.Dispose();
    }

    [Fact]
    public async Task A_listener_without_a_private_network_is_silent_until_it_is_spoken_to()
    {
        var (stranger, socket) = await SocketPair.CreateAsync(CancellationToken);
        using var upgrader = new Upgrader(_listener, new());
        var accepting = upgrader.AcceptAsync(socket, CancellationToken).AsTask();
        await stranger.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"u8.ToArray(), CancellationToken);
        Assert.Equal("handshake_failed", (await FailAsync(accepting)).Code);
        Assert.Empty(await ReceiveAllAsync(stranger));
        stranger.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_speaks_slowly_is_left(bool isPrivate)
    {
        var clock = new FakeTimeProvider();
        var (stranger, socket) = await SocketPair.CreateAsync(CancellationToken);
        using var upgrader = new Upgrader(_listener, new() { PreSharedKey = isPrivate ? Key : null, TimeProvider = clock });
        var accepting = upgrader.AcceptAsync(socket, CancellationToken).AsTask();
        foreach (var value in new byte[] { 0x13, (byte)'/', (byte)'m' })
        {
            await stranger.SendAsync(new[] { value }, CancellationToken);
            clock.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.False(accepting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1.1));
        var exception = await FailAsync(accepting);
        Assert.Equal("handshake_timeout", exception.Code);
        Assert.EndsWith("took longer than 10 s.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(isPrivate ? 24 : 0, (await ReceiveAllAsync(stranger)).Length);
        stranger.Dispose();
    }

    [Fact]
    public async Task A_caller_that_gives_up_closes_the_socket()
    {
        var (stranger, socket) = await SocketPair.CreateAsync(CancellationToken);
        using var upgrader = new Upgrader(_dialer, new());
        using var stopping = new CancellationTokenSource();
        var dialing = upgrader.DialAsync(socket, null, stopping.Token).AsTask();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing);
        await ReceiveAllAsync(stranger);
        stranger.Dispose();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Random_bytes_are_refused_by_both_roles(int seed, bool isPrivate)
    {
        var random = new Random(seed);
        using var upgrader = new Upgrader(_listener, new() { PreSharedKey = isPrivate ? Key : null });
        for (var i = 0; i < 100; i++)
        {
            var (stranger, socket) = await SocketPair.CreateAsync(CancellationToken);
            var upgrading = i % 2 == 0
                ? upgrader.AcceptAsync(socket, CancellationToken).AsTask()
                : upgrader.DialAsync(socket, null, CancellationToken).AsTask();
            var bytes = new byte[random.Next(100, 3000)];
            random.NextBytes(bytes);
            if (i % 4 >= 2)
            {
                MultistreamLine.Encode(["/multistream/1.0.0", "/noise"]).CopyTo(bytes, 0);
            }

            await stranger.SendAsync(bytes, CancellationToken);
            stranger.Shutdown(SocketShutdown.Send);
            Assert.Contains((await FailAsync(upgrading)).Code, (string[])["handshake_failed", "connection_lost"]);
            stranger.Dispose();
        }
    }

    [Fact]
    public async Task A_half_open_connection_costs_less_than_16_KiB()
    {
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(UpgraderTests));
            return;
        }

        using var upgrader = new Upgrader(_listener, new() { PreSharedKey = Key });
        await MeasureHalfOpenAsync(upgrader, 10);
        Assert.InRange(await MeasureHalfOpenAsync(upgrader, 100), 0, 16 << 10);
    }

    /// <summary>Bytes that one connection takes that has come as far as the Noise handshake, and waits there.</summary>
    private static async Task<long> MeasureHalfOpenAsync(Upgrader upgrader, int count)
    {
        var pairs = new List<(Socket Stranger, Socket Socket)>();
        for (var i = 0; i < count; i++)
        {
            pairs.Add(await SocketPair.CreateAsync(CancellationToken));
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var stopping = new CancellationTokenSource();
        var upgrades = pairs.ConvertAll(pair => upgrader.AcceptAsync(pair.Socket, stopping.Token).AsTask());
        foreach (var (stranger, _) in pairs)
        {
            await BringToNoiseAsync(stranger);
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        await stopping.CancelAsync();
        foreach (var upgrade in upgrades)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upgrade);
        }

        pairs.ForEach(pair => pair.Stranger.Dispose());
        return bytes;
    }

    private static async Task BringToNoiseAsync(Socket stranger)
    {
        var nonce = new byte[24];
        var hello = MultistreamLine.Encode(["/multistream/1.0.0", "/noise"], new byte[] { 0, 32 });
        Key.CreateCipher(nonce).Apply(hello);
        await stranger.SendAsync((byte[])[.. nonce, .. hello], CancellationToken);
        var answer = new byte[24 + hello.Length - 2];
        for (var count = 0; count < answer.Length;)
        {
            var received = await stranger.ReceiveAsync(answer.AsMemory(count), CancellationToken);
            Assert.NotEqual(0, received);
            count += received;
        }
    }

    private async Task<(UpgradedConnection Dialed, UpgradedConnection Accepted)> ConnectAsync(
        UpgradeOptions dialers, UpgradeOptions listeners, PeerId? expected = null)
    {
        var (dialing, accepting) = await StartAsync(dialers, listeners, expected);
        return (await dialing, await accepting);
    }

    private async Task<(Task<UpgradedConnection> Dialing, Task<UpgradedConnection> Accepting)> StartAsync(
        UpgradeOptions dialers, UpgradeOptions listeners, PeerId? expected = null)
    {
        var (first, second) = await SocketPair.CreateAsync(CancellationToken);
        return (UpgradeAsync(_dialer, dialers, upgrader => upgrader.DialAsync(first, expected, CancellationToken)),
            UpgradeAsync(_listener, listeners, upgrader => upgrader.AcceptAsync(second, CancellationToken)));
    }

    private static async Task<UpgradedConnection> UpgradeAsync(
        Identity identity, UpgradeOptions options, Func<Upgrader, ValueTask<UpgradedConnection>> upgrade)
    {
        using var upgrader = new Upgrader(identity, options);
        return await upgrade(upgrader);
    }

    private static Task<SwarmException> FailAsync(Task<UpgradedConnection> upgrade) => Assert.ThrowsAsync<SwarmException>(() => upgrade);

    private static async Task SendAsync(IMessageChannel channel, string text)
    {
        byte[] message = [.. new byte[channel.HeadRoom], .. Encoding.UTF8.GetBytes(text), .. new byte[channel.TailRoom]];
        await channel.SendAsync(message, CancellationToken);
    }

    private static async Task<string> ReceiveAsync(IMessageChannel channel) =>
        Encoding.UTF8.GetString((await channel.ReceiveAsync(CancellationToken)).Span);

    /// <summary>Everything until the other side closes, in whichever way.</summary>
    private static async Task<byte[]> ReceiveAllAsync(Socket socket)
    {
        var (all, buffer) = (new List<byte>(), new byte[1000]);
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken) is > 0 and var count)
            {
                all.AddRange(buffer.AsSpan(0, count));
            }
        }
        catch (SocketException)
        {
            // Closed with bytes that nobody had read.
        }

        return [.. all];
    }
}
