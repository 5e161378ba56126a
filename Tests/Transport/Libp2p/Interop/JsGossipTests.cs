using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Libp2p.Identify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Gossip with js-libp2p's gossipsub. Each test has js peers of its own: they remember whom they have met.</summary>
[Trait("Tier", "Loopback")]
public sealed class JsGossipTests : IAsyncLifetime
{
    private const int Limit = 180_000;
    private const string Topic = "news";

    private static readonly GossipOptions Passive = new() { MinMeshSize = 0, MeshSize = 0 };

    private readonly List<IAsyncDisposable> _all = [];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await JsPackages.PrepareAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_all))
        {
            await one.DisposeAsync();
        }
    }

    /// <summary>Whether there is a pre-shared key, and whether js dials.</summary>
    public static TheoryData<bool, bool> Meetings => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task Messages_of_each_side_reach_the_other(bool isPrivate, bool jsDials)
    {
        var keys = isPrivate ? new JsPeerOptions(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)) : new();
        var js = await StartJsAsync(keys with { Gossip = JsMeshSizes.Usual });
        var (ours, gossip) = await StartOursAsync(keys);
        await ConnectAsync(js, ours, jsDials);
        await TestPeer.UntilAsync(() => gossip.NeighboursOf(Topic).Contains(js.PeerId));
        await js.TakeEventAsync("graft", ours.Peer.PeerId);
        foreach (var bytes in (int[])[1, 1_000, 60_000])
        {
            var data = RandomNumberGenerator.GetBytes(bytes);
            gossip.Publish(Topic, data);
            var heard = await js.TakeEventAsync("message", ours.Peer.PeerId);
            Assert.Equal(ours.Peer.PeerId.ToString(), (string?)heard["from"]);
            Assert.Equal(data, Convert.FromBase64String((string)heard["data"]!));

            await PublishAsync(js, data);
            var message = await gossip.Messages.ReadAsync(CancellationToken);
            Assert.Equal(js.PeerId, message.From);
            Assert.Equal(data, message.Data.ToArray());
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_message_that_nobody_has_signed_is_refused_by_js()
    {
        var js = await StartJsAsync(new(Gossip: JsMeshSizes.Usual));
        var (ours, gossip) = await StartOursAsync(new());
        await ConnectAsync(js, ours, jsDials: false);
        await TestPeer.UntilAsync(() => gossip.NeighboursOf(Topic).Contains(js.PeerId));
        var session = Assert.Single(ours.Peer.Sessions);
        await using (var stream = await session.OpenStreamAsync(GossipService.ProtocolIds[0], CancellationToken))
        {
            var forged = GossipSigning.Sign(ours.Identity, Topic, new byte[] { 1 }, 1) with { Data = new byte[] { 2 } };
            await DelimitedMessage.WriteAsync(stream, new GossipRpc { Messages = [forged] }.ToBytes().Span, CancellationToken);
            var right = GossipSigning.Sign(ours.Identity, Topic, new byte[] { 3 }, 2);
            await DelimitedMessage.WriteAsync(stream, new GossipRpc { Messages = [right] }.ToBytes().Span, CancellationToken);
            var heard = await js.TakeEventAsync("message", ours.Peer.PeerId);
            Assert.Equal([3], Convert.FromBase64String((string)heard["data"]!));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Js_sees_that_it_is_grafted_and_pruned()
    {
        var js = await StartJsAsync(new(Gossip: JsMeshSizes.Passive));
        var (ours, gossip) = await StartOursAsync(new());
        await ConnectAsync(js, ours, jsDials: false);
        var graft = await js.TakeEventAsync("graft", ours.Peer.PeerId);
        Assert.Equal(("inbound", Topic), ((string?)graft["direction"], (string?)graft["topic"]));
        Assert.Contains(ours.Peer.PeerId.ToString(), await PeersAsync(js, "neighbours"));

        gossip.Unsubscribe(Topic);
        var prune = await js.TakeEventAsync("prune", ours.Peer.PeerId);
        Assert.Equal(("inbound", Topic), ((string?)prune["direction"], (string?)prune["topic"]));
        Assert.Empty(await PeersAsync(js, "neighbours"));
    }

    [Fact(Timeout = Limit)]
    public async Task Js_grafts_and_prunes()
    {
        var js = await StartJsAsync(new(Gossip: JsMeshSizes.Usual));
        var (ours, gossip) = await StartOursAsync(new(), Passive);
        await ConnectAsync(js, ours, jsDials: true);
        var graft = await js.TakeEventAsync("graft", ours.Peer.PeerId);
        Assert.Equal("outbound", (string?)graft["direction"]);
        await TestPeer.UntilAsync(() => gossip.NeighboursOf(Topic).Contains(js.PeerId));

        await js.DoAsync("unsubscribe", new() { ["topic"] = Topic });
        await TestPeer.UntilAsync(() => gossip.SubscribersOf(Topic).Count == 0 && gossip.NeighboursOf(Topic).Count == 0);
    }

    [Fact(Timeout = Limit)]
    public async Task Js_is_told_that_there_are_neighbours_enough()
    {
        var js = await StartJsAsync(new(Gossip: JsMeshSizes.Usual));
        var (ours, gossip) = await StartOursAsync(new(), Passive with { MaxMeshSize = 0 });
        await ConnectAsync(js, ours, jsDials: true);
        await js.TakeEventAsync("prune", ours.Peer.PeerId, prune => (string?)prune["direction"] == "inbound");
        Assert.Empty(gossip.NeighboursOf(Topic));
        Assert.Empty(await PeersAsync(js, "neighbours"));
    }

    /// <summary>Two that are neighbours of each other only: their meshes are full without us.</summary>
    [Fact(Timeout = Limit)]
    public async Task Messages_that_js_only_tells_of_are_asked_for()
    {
        var one = await StartJsAsync(new(Gossip: JsMeshSizes.One));
        var other = await StartJsAsync(new(Gossip: JsMeshSizes.One));
        await one.DoAsync("dial", new() { ["address"] = other.Address.ToString() });
        await one.TakeEventAsync("graft", other.PeerId);
        await other.TakeEventAsync("graft", one.PeerId);

        var (ours, gossip) = await StartOursAsync(new());
        await ConnectAsync(one, ours, jsDials: false);
        await one.TakeEventAsync("graft", ours.Peer.PeerId);
        await TestPeer.UntilAsync(() => gossip.SubscribersOf(Topic).Contains(one.PeerId) && gossip.NeighboursOf(Topic).Count == 0);

        foreach (var author in new[] { one, other })
        {
            var asked = gossip.AskedCount;
            var answer = await PublishAsync(author, [7]);
            Assert.DoesNotContain(ours.Peer.PeerId.ToString(), answer["recipients"]!.AsArray().Select(peer => (string)peer!));
            var message = await gossip.Messages.ReadAsync(CancellationToken);
            Assert.Equal(author.PeerId, message.From);
            Assert.InRange(gossip.AskedCount, asked + 1, int.MaxValue);
        }

        // The other way: what we have reaches the other js peer through the first.
        gossip.Publish(Topic, new byte[] { 8 });
        var heard = await other.TakeEventAsync("message", one.PeerId, message => (string?)message["from"] == ours.Peer.PeerId.ToString());
        Assert.Equal([8], Convert.FromBase64String((string)heard["data"]!));
    }

    /// <summary>Ours is no neighbour of the js peer's and has the message from somebody else: js hears of it and asks.</summary>
    [Fact(Timeout = Limit)]
    public async Task Js_asks_for_messages_that_it_is_only_told_of()
    {
        var (author, authorGossip) = await StartOursAsync(new());
        var (ours, gossip) = await StartOursAsync(new(), new() { MinMeshSize = 1, MeshSize = 1, MaxMeshSize = 1 });
        await ours.Peer.DialAsync(author.Address, CancellationToken);
        await TestPeer.UntilAsync(() => gossip.NeighboursOf(Topic).Contains(author.Peer.PeerId));

        var js = await StartJsAsync(new(Gossip: JsMeshSizes.Passive));
        await ConnectAsync(js, ours, jsDials: true);
        await TestPeer.UntilAsync(() => gossip.SubscribersOf(Topic).Contains(js.PeerId));
        authorGossip.Publish(Topic, new byte[] { 9 });
        var heard = await js.TakeEventAsync("message", ours.Peer.PeerId);
        Assert.Equal(author.Peer.PeerId.ToString(), (string?)heard["from"]);
        Assert.DoesNotContain(js.PeerId, gossip.NeighboursOf(Topic));
    }

    private async Task<JsPeer> StartJsAsync(JsPeerOptions options)
    {
        var js = await JsPeer.StartAsync(options);
        _all.Add(js);
        await js.DoAsync("subscribe", new() { ["topic"] = Topic });
        return js;
    }

    private async Task<(OurPeer Peer, GossipService Gossip)> StartOursAsync(JsPeerOptions keys, GossipOptions? options = null)
    {
        var ours = await OurPeer.StartAsync(keys);
        _all.Add(ours);
        var gossip = new GossipService(ours.Peer, ours.Identity, TimeProvider.System, NullLogger.Instance, options);
        _all.Add(gossip);
        gossip.Subscribe(Topic);
        return (ours, gossip);
    }

    private static async Task ConnectAsync(JsPeer js, OurPeer ours, bool jsDials)
    {
        if (jsDials)
        {
            await js.DoAsync("dial", new() { ["address"] = ours.Address.ToString() });
        }
        else
        {
            await ours.Peer.DialAsync(js.Address, CancellationToken);
        }
    }

    private static Task<JsonNode> PublishAsync(JsPeer js, byte[] data) =>
        js.DoAsync("publish", new() { ["topic"] = Topic, ["data"] = Convert.ToBase64String(data) });

    private static async Task<IReadOnlyList<string>> PeersAsync(JsPeer js, string command) =>
        [.. (await js.DoAsync(command, new() { ["topic"] = Topic }))["peers"]!.AsArray().Select(peer => (string)peer!)];
}
