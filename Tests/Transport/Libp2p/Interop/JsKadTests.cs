using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Our DHT with that of js-libp2p: peers that know but one, which is known to all.</summary>
[Trait("Tier", "Loopback")]
public sealed class JsKadTests : IClassFixture<JsPeers>
{
    private const int Limit = 180_000;

    private static readonly byte[] OurKey = Multihash.OfSha256([1]);
    private static readonly byte[] JsKey = Multihash.OfSha256([2]);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory(Timeout = Limit)]
    [InlineData(JsNetworks.Open)]
    [InlineData(JsNetworks.Private)]
    public async Task Each_side_finds_the_other_through_ours(string network)
    {
        var options = JsNetworks.Find(network) with { KadProtocol = KadNode.Protocol };
        await using var middle = await StartAsync(options);
        await using var js = await JsPeer.StartAsync(options);
        await using var ours = await StartAsync(options);
        await MeetAsync(middle, js);
        await ours.MeetAsync(middle);
        await AssertJsFindsAsync(js, ours);
        await ProvideAsync(ours, js);

        // These come when all has been said.
        await using var lateJs = await JsPeer.StartAsync(options);
        await using var late = await StartAsync(options);
        await MeetAsync(middle, lateJs);
        await late.MeetAsync(middle);
        await AssertFindsJsAsync(late, js);
        await AssertProvidersAsync(ours, js, late, lateJs);
    }

    [Theory(Timeout = Limit)]
    [InlineData(JsNetworks.Open)]
    [InlineData(JsNetworks.Private)]
    public async Task Each_side_finds_the_other_through_js(string network)
    {
        var options = JsNetworks.Find(network) with { KadProtocol = KadNode.Protocol };
        await using var middle = await JsPeer.StartAsync(options);
        await using var js = await JsPeer.StartAsync(options);
        await using var ours = await StartAsync(options);
        await MeetAsync(js, middle);
        await MeetAsync(ours, middle);
        await AssertJsFindsAsync(js, ours);
        await ProvideAsync(ours, js);

        await using var lateJs = await JsPeer.StartAsync(options);
        await using var late = await StartAsync(options);
        await MeetAsync(lateJs, middle);
        await MeetAsync(late, middle);
        await AssertFindsJsAsync(late, js);
        await AssertProvidersAsync(ours, js, late, lateJs);
    }

    private static async Task<KadNode> StartAsync(JsPeerOptions keys) =>
        await KadNode.StartAsync(network: new() { PreSharedKey = keys.PreSharedKey, Prologue = keys.Prologue });

    /// <summary>Connects them and waits until each has the other in its routing table.</summary>
    private static async Task MeetAsync(KadNode ours, JsPeer js)
    {
        await ours.Peer.DialAsync(js.Address, CancellationToken);
        await js.TakeEventAsync("kadAdded", ours.Id);
        await TestPeer.UntilAsync(() => ours.Kad.Knows(js.PeerId));
    }

    private static async Task MeetAsync(JsPeer js, JsPeer other)
    {
        await js.DoAsync("dial", new() { ["address"] = other.Address.ToString() });
        await Task.WhenAll(js.TakeEventAsync("kadAdded", other.PeerId), other.TakeEventAsync("kadAdded", js.PeerId));
    }

    private static async Task AssertJsFindsAsync(JsPeer js, KadNode ours)
    {
        var found = await js.DoAsync("kadFindPeer", new() { ["peer"] = ours.Id.ToString() });
        Assert.Equal(ours.Id.ToString(), (string?)found["peer"]);
        Assert.Contains(ours.Address, Addresses(found, ours.Id));
    }

    private static async Task AssertFindsJsAsync(KadNode ours, JsPeer js)
    {
        var found = await ours.Kad.FindNodeAsync(js.PeerId, CancellationToken);
        Assert.Contains(js.Address, found!.Addresses.Select(address => address.WithPeerId(js.PeerId)));
    }

    private static async Task ProvideAsync(KadNode ours, JsPeer js)
    {
        // As providers do, again and again: js may be about to end the connection on which it has answered just now.
        int told;
        do
        {
            told = await ours.Kad.ProvideAsync(OurKey, CancellationToken);
        }
        while (told == 0);

        Assert.InRange(told, 1, 2);
        await js.DoAsync("kadProvide", new() { ["key"] = Convert.ToHexStringLower(JsKey) });
    }

    /// <summary>Each of those who came later finds what both have provided.</summary>
    private static async Task AssertProvidersAsync(KadNode ours, JsPeer js, KadNode late, JsPeer lateJs)
    {
        var found = await late.Kad.FindProvidersAsync(JsKey, CancellationToken);
        Assert.Contains(js.Address, found.Single(peer => peer.Id == js.PeerId).Addresses.Select(address => address.WithPeerId(js.PeerId)));
        Assert.Contains(ours.Id, (await late.Kad.FindProvidersAsync(OurKey, CancellationToken)).Select(peer => peer.Id));
        await AssertJsFindsProviderAsync(lateJs, JsKey, js.PeerId, js.Address);
        await AssertJsFindsProviderAsync(lateJs, OurKey, ours.Id, ours.Address);
    }

    private static async Task AssertJsFindsProviderAsync(JsPeer js, byte[] key, PeerId id, Multiaddress address)
    {
        var found = await js.DoAsync("kadFindProviders", new() { ["key"] = Convert.ToHexStringLower(key) });
        var providers = found["found"]!.AsArray().Where(provider => (string?)provider!["peer"] == id.ToString());
        Assert.Contains(address, providers.SelectMany(provider => Addresses(provider!, id)));
    }

    private static IEnumerable<Multiaddress> Addresses(JsonNode peer, PeerId id) =>
        peer["addresses"]!.AsArray().Select(address => Multiaddress.Parse((string)address!).WithPeerId(id));
}
