using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Those who must not meet: both sides hear soon that it came to nothing.</summary>
[Trait("Tier", "Loopback")]
public sealed class JsRefusalTests(JsPeers peers) : IClassFixture<JsPeers>
{
    private const int Limit = 180_000;

    // What js finds where a key should be is a length now and then, and it waits for so many bytes: it is this time that ends it.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Prologue = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Other = RandomNumberGenerator.GetBytes(32);

    private static readonly JsPeerOptions Open = new();
    private static readonly JsPeerOptions Private = new(Key);
    private static readonly JsPeerOptions Swarm = new(Key, Prologue);
    private static readonly JsPeerOptions Fast = new(null, Prologue);

    // What js and ours have.
    private static readonly Dictionary<string, (JsPeerOptions Js, JsPeerOptions Ours)> Strangers = new()
    {
        ["another key"] = (Swarm, Swarm with { PreSharedKey = Other }),
        ["no key here"] = (Private, Open),
        ["no key there"] = (Open, Private),
        ["another prologue"] = (Swarm, Swarm with { Prologue = Other }),
        ["another prologue, no key"] = (Fast, Fast with { Prologue = Other }),
        ["no prologue here"] = (Fast, Open),
        ["no prologue there"] = (Open, Fast),
    };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Strangers.Keys];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Names))]
    public async Task Strangers_are_refused_that_dial_js(string what)
    {
        var js = await peers.GetAsync(Strangers[what].Js);
        await using var ours = await OurPeer.StartAsync(Strangers[what].Ours, HandshakeTimeout);

        var error = await Assert.ThrowsAsync<SwarmException>(() => ours.Peer.DialAsync(js.Address, CancellationToken).AsTask());
        Assert.True(error.Code is "handshake_failed" or "handshake_timeout", $"{error.Code}: {error.Message}");
        await js.TakeEventAsync("refused", peer: null);
        Assert.Empty(ours.Peer.Sessions);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Names))]
    public async Task Strangers_are_refused_that_js_dials_as(string what)
    {
        var js = await peers.GetAsync(Strangers[what].Js);
        await using var ours = await OurPeer.StartAsync(Strangers[what].Ours, HandshakeTimeout);

        await Assert.ThrowsAsync<JsError>(() => DialAsync(js, ours.Address));
        await ours.Refusals.ReadAsync(CancellationToken);
        Assert.Empty(ours.Peer.Sessions);
    }

    [Fact(Timeout = Limit)]
    public async Task Js_at_the_address_of_somebody_else_is_not_spoken_to()
    {
        using var somebody = Identity.Generate();
        var js = await peers.GetAsync(Swarm);
        await using var ours = await OurPeer.StartAsync(Swarm);

        var error = await Assert.ThrowsAsync<SwarmException>(
            () => ours.Peer.DialAsync(js.Address.WithPeerId(somebody.PeerId), CancellationToken).AsTask());
        Assert.Equal("wrong_peer", error.Code);
        await js.TakeEventAsync("refused", peer: null);
        Assert.Empty(ours.Peer.Sessions);
    }

    [Fact(Timeout = Limit)]
    public async Task Js_does_not_speak_to_ours_at_the_address_of_somebody_else()
    {
        using var somebody = Identity.Generate();
        var js = await peers.GetAsync(Swarm);
        await using var ours = await OurPeer.StartAsync(Swarm);

        await Assert.ThrowsAsync<JsError>(() => DialAsync(js, ours.Address.WithPeerId(somebody.PeerId)));
        await ours.Refusals.ReadAsync(CancellationToken);
        Assert.Empty(ours.Peer.Sessions);
    }

    private static Task<JsonNode> DialAsync(JsPeer js, Multiaddress address) =>
        js.DoAsync("dial", new() { ["address"] = address.ToString() });
}
