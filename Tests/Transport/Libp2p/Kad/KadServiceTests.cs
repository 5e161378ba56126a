using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Libp2p.Wire;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

[Trait("Tier", "Loopback")]
public sealed class KadServiceTests
{
    /// <summary>Milliseconds, for a test that waits for what does not happen.</summary>
    private const int Limit = 180_000;

    private static readonly byte[] Key = Multihash.OfSha256([1, 2, 3]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_peer_is_found_through_one_that_both_know()
    {
        await using var middle = await KadNode.StartAsync();
        await using var left = await KadNode.StartAsync();
        await using var right = await KadNode.StartAsync();
        await left.MeetAsync(middle);
        await right.MeetAsync(middle);

        var found = await left.Kad.FindNodeAsync(right.Id, Cancellation);

        Assert.Contains(right.Address, found!.Addresses.Select(address => address.WithPeerId(right.Id)));
        Assert.Contains(right.Address, left.Peer.PeerStore.AddressesOf(right.Id));
        Assert.Equal(right.Id, (await left.Peer.DialAsync(right.Id, Cancellation)).RemotePeer);
    }

    [Fact(Timeout = Limit)]
    public async Task Who_provides_a_key_is_found_through_a_third()
    {
        await using var middle = await KadNode.StartAsync();
        await using var left = await KadNode.StartAsync();
        await using var right = await KadNode.StartAsync();
        await left.MeetAsync(middle);
        Assert.Equal(1, await left.Kad.ProvideAsync(Key, Cancellation));

        await right.MeetAsync(middle);
        var provider = Assert.Single(await right.Kad.FindProvidersAsync(Key, Cancellation));
        Assert.Equal(left.Id, provider.Id);
        Assert.Contains(left.Address, right.Peer.PeerStore.AddressesOf(left.Id));
        Assert.Empty(await right.Kad.FindProvidersAsync(Multihash.OfSha256([9]), Cancellation));
    }

    [Fact(Timeout = Limit)]
    public async Task Two_that_meet_under_a_key_find_each_other()
    {
        await using var middle = await KadNode.StartAsync();
        await using var left = await KadNode.StartAsync();
        await using var right = await KadNode.StartAsync();
        await left.MeetAsync(middle);
        await right.MeetAsync(middle);

        Assert.Equal([left.Id], (await left.Kad.MeetAsync(Key, Cancellation)).Select(peer => peer.Id));
        Assert.Equal(
            new[] { left.Id, right.Id }.ToHashSet(), (await right.Kad.MeetAsync(Key, Cancellation)).Select(peer => peer.Id).ToHashSet());
    }

    [Fact(Timeout = Limit)]
    public async Task Several_requests_are_answered_on_one_stream()
    {
        await using var node = await KadNode.StartAsync();
        await using var asker = await TestPeer.StartAsync();
        await using var stream = await OpenAsync(asker, node);
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(stream, new() { Type = KadMessageType.FindNode, Key = node.Id.Bytes });
            var self = Assert.Single(answer.CloserPeers);
            Assert.Equal((node.Id, KadMessageType.FindNode), (self.Id, answer.Type));
            Assert.Contains(node.Address, self.Addresses.Select(address => address.WithPeerId(node.Id)));
        }

        await SendAsync(stream, new() { Type = KadMessageType.AddProvider, Key = Key, ProviderPeers = [Named(asker)] });
        var providers = await AskAsync(stream, new() { Type = KadMessageType.GetProviders, Key = Key });
        Assert.Equal([asker.Id], providers.ProviderPeers.Select(peer => peer.Id));
        Assert.Equal(Key, providers.Key.ToArray());

        await stream.CloseWriteAsync(Cancellation);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancellation));
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_only_asks_is_not_told_to_others()
    {
        await using var node = await KadNode.StartAsync();
        await using var asker = await TestPeer.StartAsync();
        await using var stream = await OpenAsync(asker, node);
        await AskAsync(stream, new() { Type = KadMessageType.FindNode, Key = Key });
        Assert.Equal(0, node.Kad.Count);
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_begins_to_serve_after_it_has_connected_is_asked()
    {
        await using var node = await KadNode.StartAsync();
        await using var late = await TestPeer.StartAsync();
        await late.Peer.DialAsync(node.Address, Cancellation);
        await using var service = new KadService(late.Peer, KadNode.Protocol);
        await TestPeer.UntilAsync(() => node.Peer.PeerStore.Find(late.Id)?.Protocols.Contains(KadNode.Protocol) == true);

        Assert.Equal([late.Id], (await node.Kad.FindClosestAsync(Key, Cancellation)).Select(peer => peer.Id));
    }

    [Fact(Timeout = Limit)]
    public async Task Nobody_is_a_provider_by_the_word_of_another()
    {
        await using var node = await KadNode.StartAsync();
        await using var liar = await TestPeer.StartAsync();
        await using var victim = await TestPeer.StartAsync();
        await using var stream = await OpenAsync(liar, node);
        await SendAsync(stream, new() { Type = KadMessageType.AddProvider, Key = Key, ProviderPeers = [Named(victim)] });
        await SendAsync(stream, new() { Type = KadMessageType.AddProvider, Key = Key, ProviderPeers = [new(liar.Id, [])] });

        Assert.Empty((await AskAsync(stream, new() { Type = KadMessageType.GetProviders, Key = Key })).ProviderPeers);
    }

    [Theory(Timeout = Limit)]
    [InlineData("kad_refused", new byte[] { 4, 8, 1, 0x12, 0 })]
    [InlineData("kad_refused", new byte[] { 5, 8, 1, 0x12, 1, 9 })]
    [InlineData("kad_refused", new byte[] { 3, 0x12, 1, 9 })]
    [InlineData("invalid_message", new byte[] { 2, 8, 4 })]
    [InlineData("invalid_message", new byte[] { 2, 8, 9 })]
    [InlineData("invalid_message", new byte[] { 0x81, 0x80, 0x01 })]
    [InlineData("invalid_message", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F })]
    public async Task What_is_not_served_resets_the_stream_and_nothing_else(string code, byte[] bytes)
    {
        var log = new TestLog();
        await using var node = await KadNode.StartAsync(new() { Logger = log });
        await using var asker = await TestPeer.StartAsync();
        await using var stream = await OpenAsync(asker, node);
        await stream.WriteAsync(bytes, Cancellation);

        await AssertResetAsync(stream);
        await TestPeer.UntilAsync(() => log.Of(3061).Count > 0);
        Assert.Equal(code, Assert.Single(log.Of(3061))["Code"]);
        await using var next = await OpenAsync(asker, node);
        await AskAsync(next, new() { Type = KadMessageType.FindNode, Key = Key });
    }

    [Fact(Timeout = Limit)]
    public async Task A_flood_of_providers_ends_with_its_stream()
    {
        var limits = new KadLimits { RequestBurst = 50, RequestsPerSecond = 1, Stored = new() { KeysPerProvider = 4 } };
        await using var node = await KadNode.StartAsync(new() { Limits = limits, Time = new FakeTimeProvider() });
        await using var flooder = await TestPeer.StartAsync();
        await using var stream = await OpenAsync(flooder, node);
        for (byte i = 0; i < 50; i++)
        {
            await SendAsync(
                stream, new() { Type = KadMessageType.AddProvider, Key = Multihash.OfSha256([i]), ProviderPeers = [Named(flooder)] });
        }

        await SendAsync(stream, new() { Type = KadMessageType.GetProviders, Key = Key });
        await AssertResetAsync(stream);
        Assert.Equal(4, node.Kad.StoredProviders);
    }

    [Fact(Timeout = Limit)]
    public async Task One_peer_has_only_so_many_streams()
    {
        await using var node = await KadNode.StartAsync(new() { Limits = new() { StreamsPerPeer = 2 } });
        await using var asker = await TestPeer.StartAsync();
        List<IMuxStream> streams = [await OpenAsync(asker, node), await OpenAsync(asker, node)];
        foreach (var stream in streams)
        {
            await AskAsync(stream, new() { Type = KadMessageType.FindNode, Key = Key });
        }

        // It may be reset before the request is sent.
        var refused = await Assert.ThrowsAsync<SwarmException>(async () =>
        {
            await using var third = await OpenAsync(asker, node);
            await AskAsync(third, new() { Type = KadMessageType.FindNode, Key = Key });
        });
        Assert.Equal("stream_reset", refused.Code);
        streams.ForEach(stream => stream.Reset());
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_does_not_answer_is_given_up_after_a_while()
    {
        var time = new FakeTimeProvider();
        await using var node = await KadNode.StartAsync(new() { Time = time, RefreshInterval = TimeSpan.FromDays(1) });
        await using var silent = await TestPeer.StartAsync();
        await using var listener = silent.Peer.Listen(KadNode.Protocol);
        await node.Peer.DialAsync(silent.Address, Cancellation);
        await node.Kad.WaitForPeersAsync(Cancellation);
        var lookup = node.Kad.FindClosestAsync(Key, Cancellation);
        await using var refresh = await listener.AcceptAsync(Cancellation);
        await using var stream = await listener.AcceptAsync(Cancellation);
        Assert.False(lookup.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(await lookup);
        await TestPeer.UntilAsync(() => node.Kad.Count == 0);
        Assert.False(node.Kad.HasPeers);

        // It is connected still, so it is asked again when somebody wants to know.
        await node.Kad.WaitForPeersAsync(Cancellation);
        Assert.Equal(1, node.Kad.Count);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposal_ends_what_is_under_way()
    {
        await using var silent = await TestPeer.StartAsync();
        await using var listener = silent.Peer.Listen(KadNode.Protocol);
        await using var node = await KadNode.StartAsync();
        await node.Peer.DialAsync(silent.Address, Cancellation);
        await node.Kad.WaitForPeersAsync(Cancellation);
        var lookup = node.Kad.ProvideAsync(Key, Cancellation);
        await using var stream = await listener.AcceptAsync(Cancellation);

        await node.Kad.DisposeAsync();
        Assert.Equal("session_closed", (await Assert.ThrowsAsync<SwarmException>(() => lookup)).Code);
        await Assert.ThrowsAsync<SwarmException>(() => node.Kad.ProvideAsync(Key, Cancellation));
        await AssertRefusedAsync(silent, node);
    }

    [Fact(Timeout = Limit)]
    public async Task A_liar_with_endless_peers_costs_only_so_many_requests()
    {
        var options = new KadOptions { Lookup = new() { MaxRequests = 30 }, Timeouts = new() { Request = TimeSpan.FromMinutes(1) } };
        await using var node = await KadNode.StartAsync(options);
        await using var liar = await TestPeer.StartAsync();
        await using var listener = liar.Peer.Listen(KadNode.Protocol);
        var random = new Random(1);
        var lying = LieAsync(listener, () => KadMessageCodec.Write(new()
        {
            Type = KadMessageType.FindNode,
            CloserPeers = [.. KadPeers.Many(64, random).Select(peer => new KadPeer(peer.Id, [Multiaddress.Parse("/ip4/127.0.0.1/tcp/1")]))],
        }));
        await node.Peer.DialAsync(liar.Address, Cancellation);
        await node.Kad.WaitForPeersAsync(Cancellation);

        Assert.Equal([liar.Id], (await node.Kad.FindClosestAsync(Key, Cancellation)).Select(peer => peer.Id));
        Assert.Equal(1, node.Kad.Count);
        await node.Kad.DisposeAsync();
        await listener.DisposeAsync();
        await lying;
    }

    [Theory(Timeout = Limit)]
    [InlineData(2)]
    [InlineData(KadMessageCodec.MaxAnswerBytes + 1)]
    public async Task An_answer_that_is_giant_or_of_another_kind_is_none(int bytes)
    {
        await using var node = await KadNode.StartAsync();
        await using var liar = await TestPeer.StartAsync();
        await using var listener = liar.Peer.Listen(KadNode.Protocol);
        var lying = LieAsync(listener, () => [8, (byte)KadMessageType.GetValue, .. new byte[bytes - 2]]);
        await node.Peer.DialAsync(liar.Address, Cancellation);
        await node.Kad.WaitForPeersAsync(Cancellation);

        Assert.Empty(await node.Kad.FindClosestAsync(Key, Cancellation));
        Assert.Empty(await node.Kad.FindProvidersAsync(Key, Cancellation));
        await node.Kad.DisposeAsync();
        await listener.DisposeAsync();
        await lying;
    }

    private static async Task<IMuxStream> OpenAsync(TestPeer asker, KadNode node)
    {
        var session = await asker.Peer.DialAsync(node.Address, Cancellation);
        return await session.OpenStreamAsync(KadNode.Protocol, Cancellation);
    }

    private static async Task AssertRefusedAsync(TestPeer asker, KadNode node)
    {
        var refused = await Assert.ThrowsAsync<SwarmException>(async () =>
        {
            await using var stream = await OpenAsync(asker, node);
            await AskAsync(stream, new() { Type = KadMessageType.FindNode, Key = Key });
        });
        Assert.Contains(refused.Code, new[] { "protocol_refused", "stream_reset" });
    }

    private static ValueTask SendAsync(IMuxStream stream, KadMessage message) =>
        DelimitedMessage.WriteAsync(stream, KadMessageCodec.Write(message), Cancellation);

    private static async Task<KadMessage> AskAsync(IMuxStream stream, KadMessage message)
    {
        await SendAsync(stream, message);
        return KadMessageCodec.Read((await DelimitedMessage.ReadAsync(stream, KadMessageCodec.MaxAnswerBytes, Cancellation))!);
    }

    private static async Task AssertResetAsync(IMuxStream stream) =>
        Assert.Equal(
            "stream_reset", (await Assert.ThrowsAsync<SwarmException>(async () => await stream.ReadAsync(new byte[1], Cancellation))).Code);

    private static KadPeer Named(TestPeer peer) => new(peer.Id, peer.Peer.ListenAddresses);

    private static async Task LieAsync(IStreamListener listener, Func<byte[]> answer)
    {
        while (await listener.AcceptAsync(Cancellation) is { } stream)
        {
            await using (stream)
            {
                try
                {
                    await DelimitedMessage.ReadAsync(stream, KadMessageCodec.MaxRequestBytes, Cancellation);
                    await DelimitedMessage.WriteAsync(stream, answer(), Cancellation);
                    await stream.CloseWriteAsync(Cancellation);
                    await stream.ReadAsync(new byte[1], Cancellation);
                }
                catch (SwarmException)
                {
                    // It has been seen through.
                }
            }
        }
    }
}
