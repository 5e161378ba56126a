using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Noise;

namespace ManagedSwarm.Tests.Transport.Libp2p.Noise;

/// <summary>libp2p's handshake in memory: who the sides are, what they agree on, and those who lie.</summary>
public sealed class NoiseHandshakeTests : IDisposable
{
    private readonly Identity _dialer = Identity.Generate();
    private readonly Identity _listener = Identity.Generate();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _dialer.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task Both_sides_learn_who_the_other_is_and_have_the_same_keys()
    {
        var (dialer, listener) = Create(["/yamux/1.0.0"], ["/yamux/1.0.0"], expected: _listener.PeerId);
        var (first, second) = MemoryDuplex.CreatePair();
        var listening = NoiseMessages.ExchangeAsync(listener, second, CancellationToken).AsTask();
        await NoiseMessages.ExchangeAsync(dialer, first, CancellationToken);
        await listening;
        Assert.Equal(_listener.PeerId, dialer.RemotePeer);
        Assert.Equal(_dialer.PeerId, listener.RemotePeer);
        Assert.Equal(("/yamux/1.0.0", "/yamux/1.0.0"), (dialer.Muxer, listener.Muxer));
        var (text, tag) = ("text"u8.ToArray(), new byte[16]);
        dialer.Split().Send.Seal(text, tag);
        Assert.True(listener.Split().Receive.TryOpen(text, tag));

        // Message 1 is a key and nothing else, and no identity can be read in any of them.
        Assert.Equal([0, 32], first.Writes[0][..2]);
        Assert.Equal(34, first.Writes[0].Length);
        Assert.All([.. first.Writes, .. second.Writes], write => Assert.Equal(-1, write.AsSpan().IndexOf(_dialer.PublicKeyMessage.Span[4..])));
        Assert.All([.. first.Writes, .. second.Writes], write => Assert.Equal(-1, write.AsSpan().IndexOf(_listener.PublicKeyMessage.Span[4..])));
    }

    [Theory]
    [InlineData("/a /b", "/b /a", "/a")]
    [InlineData("/c /b", "/a /b", "/b")]
    [InlineData("", "/a", null)]
    [InlineData("/a", "", null)]
    [InlineData("", "", null)]
    public void The_dialers_first_muxer_that_both_offer_is_taken(string dialers, string listeners, string? expected)
    {
        var (dialer, listener) = Create(Words(dialers), Words(listeners));
        Run(dialer, listener);
        Assert.Equal((expected, expected), (dialer.Muxer, listener.Muxer));
    }

    [Fact]
    public void Sides_that_offer_different_muxers_only_fail()
    {
        var (dialer, listener) = Create(["/a"], ["/b"]);
        AssertFails("handshake_failed", () => Run(dialer, listener));
    }

    [Fact]
    public void Another_peer_than_the_one_dialed_is_refused_before_it_learns_anything()
    {
        var (dialer, listener) = Create([], [], expected: _dialer.PeerId);
        var messages = 0;
        AssertFails("wrong_peer", () => Run(dialer, listener, (_, message) =>
        {
            messages++;
            return message;
        }));
        Assert.Equal(2, messages);
        Assert.Throws<InvalidOperationException>(() => dialer.RemotePeer);
    }

    [Fact]
    public void A_signature_of_somebody_else_of_another_key_or_of_none_is_refused()
    {
        using var key = X25519Key.Generate();
        using var liar = Identity.Generate();
        using var others = NoiseIdentity.Create(_listener, []);
        var signature = liar.Sign([.. "noise-libp2p-static-key:"u8, .. key.PublicKey]);
        var claim = _listener.PublicKeyMessage.ToArray();
        foreach (var payload in (HandshakePayload[])
            [new(claim, signature, []), HandshakePayload.Parse(others.Payload), new(claim, [], []), new(claim, liar.Sign(key.PublicKey), [])])
        {
            using var dialer = new NoiseHandshake(true, NoiseIdentity.Create(_dialer, []), []);
            using var listener = new NoiseHandshake(false, new NoiseIdentity(key, payload), []);
            AssertFails("handshake_failed", () => Run(dialer, listener));
        }

        using var nobody = new NoiseHandshake(false, new NoiseIdentity(key, new([], signature, [])), []);
        AssertFails("invalid_public_key", () => Run(new NoiseHandshake(true, NoiseIdentity.Create(_dialer, []), []), nobody));
    }

    [Fact]
    public async Task A_message_that_is_longer_than_allowed_is_refused_before_it_is_read()
    {
        using var listener = new NoiseHandshake(false, NoiseIdentity.Create(_listener, []), []);
        foreach (var hex in (string[])["ffff", "1001", "8000"])
        {
            var duplex = MemoryDuplex.Saying(Convert.FromHexString(hex));
            var exception = await Assert.ThrowsAsync<SwarmException>(() => NoiseMessages.ExchangeAsync(listener, duplex, CancellationToken).AsTask());
            Assert.Equal("handshake_failed", exception.Code);
        }
    }

    [Theory]
    [InlineData("", "connection_lost")]
    [InlineData("00", "connection_lost")]
    [InlineData("0020ab", "connection_lost")]
    [InlineData("0000", "handshake_failed")]
    [InlineData("0001ab", "handshake_failed")]
    public async Task A_message_that_is_cut_or_too_short_is_refused(string hex, string code)
    {
        using var listener = new NoiseHandshake(false, NoiseIdentity.Create(_listener, []), []);
        var duplex = MemoryDuplex.Saying(Convert.FromHexString(hex));
        var exception = await Assert.ThrowsAsync<SwarmException>(
            () => NoiseMessages.ExchangeAsync(listener, duplex, CancellationToken).AsTask());
        Assert.Equal(code, exception.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Thousands_of_damaged_handshakes_are_refused(int seed)
    {
        var random = new Random(seed);
        using var own = NoiseIdentity.Create(_dialer, ["/yamux/1.0.0"]);
        using var other = NoiseIdentity.Create(_listener, ["/yamux/1.0.0"]);
        for (var i = 0; i < 2_000; i++)
        {
            using var dialer = new NoiseHandshake(true, own, []);
            using var listener = new NoiseHandshake(false, other, []);
            var damaged = i % 3;
            var changed = false;
            try
            {
                Run(dialer, listener, (number, message) =>
                {
                    var result = number == damaged ? Mutation.Apply(message, random) : message;
                    changed |= !result.AsSpan().SequenceEqual(message);
                    return result;
                });
                Assert.False(changed);
            }
            catch (SwarmException exception)
            {
                Assert.Equal("handshake_failed", exception.Code);
            }
        }
    }

    private (NoiseHandshake Dialer, NoiseHandshake Listener) Create(string[] dialers, string[] listeners, PeerId? expected = null) =>
        (new(true, NoiseIdentity.Create(_dialer, dialers), [], expected), new(false, NoiseIdentity.Create(_listener, listeners), []));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Carries the messages to and fro, maybe changed: from their number and bytes to other bytes.</summary>
    private static void Run(NoiseHandshake dialer, NoiseHandshake listener, Func<int, byte[], byte[]>? change = null)
    {
        for (var i = 0; !dialer.IsComplete || !listener.IsComplete; i++)
        {
            var (writer, reader) = dialer.IsWriting ? (dialer, listener) : (listener, dialer);
            var buffer = new byte[NoiseMessages.MaxLength];
            var message = buffer[..writer.Write(buffer)];
            reader.Read(change?.Invoke(i, message) ?? message);
        }
    }

    private static void AssertFails(string code, Action action) => Assert.Equal(code, Assert.Throws<SwarmException>(action).Code);
}
