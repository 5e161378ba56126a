using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>Local peers with js-libp2p: each may dial, and then each says everything to the other.</summary>
[Trait("Tier", "Loopback")]
public sealed class JsInteropTests(JsPeers peers) : IClassFixture<JsPeers>
{
    /// <summary>Milliseconds: ours is in this process and has no limits of its own on reads and writes.</summary>
    private const int Limit = 180_000;

    private const string UnknownProtocol = "/managedswarm/test/unknown/1.0.0";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <summary>Networks, and whether js dials.</summary>
    public static TheoryData<string, bool> Meetings => new()
    {
        { JsNetworks.Open, false },
        { JsNetworks.Open, true },
        { JsNetworks.Private, false },
        { JsNetworks.Private, true },
        { JsNetworks.LateMuxer, false },
        { JsNetworks.LateMuxer, true },
        { JsNetworks.OurLateMuxer, false },
        { JsNetworks.OurLateMuxer, true },
        { JsNetworks.LateMuxers, false },
        { JsNetworks.LateMuxers, true },
    };

    /// <summary>Networks, whether js dials, and how many bytes go both ways.</summary>
    public static TheoryData<string, bool, int> Echoes
    {
        get
        {
            var echoes = new TheoryData<string, bool, int>();
            foreach (var (network, jsDials) in Meetings.Select(row => row.Data))
            {
                // js loses its way when it sends many MiB in a private network: xsalsa20 has a memory that does not grow.
                int[] sizes = network == JsNetworks.Private ? [1, 16 << 10, 1 << 20] : [1, 16 << 10, 1 << 20, 16 << 20];
                foreach (var bytes in sizes)
                {
                    echoes.Add(network, jsDials, bytes);
                }
            }

            return echoes;
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task Each_side_says_what_it_is(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        var (js, ours) = (meeting.Js, meeting.Ours.Peer);

        var info = await meeting.Session.IdentifyAsync(CancellationToken);
        Assert.Equal(js.PeerId, meeting.Session.RemotePeer);
        Assert.Equal(js.PeerId, info.PeerId);
        Assert.StartsWith("js-libp2p/", info.AgentVersion, StringComparison.Ordinal);
        Assert.Contains(TestProtocols.Echo, info.Protocols);
        Assert.Equal(js.Address, Assert.Single(info.Addresses).WithPeerId(js.PeerId));
        Assert.Equal(info.Addresses, ours.PeerStore.Find(js.PeerId)!.Addresses);

        var heard = await js.TakeEventAsync("identified", ours.PeerId);
        Assert.StartsWith("managedswarm/", (string?)heard["agentVersion"], StringComparison.Ordinal);
        Assert.Contains(TestProtocols.Echo, Texts(heard, "protocols"));
        Assert.Contains(
            meeting.Ours.Address, Texts(heard, "addresses").Select(address => Multiaddress.Parse(address).WithPeerId(ours.PeerId)));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task Js_learns_of_a_protocol_that_is_new(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        await using var listener = meeting.Ours.Peer.Listen(UnknownProtocol);
        await meeting.Js.TakeEventAsync(
            "identified", meeting.Ours.Peer.PeerId, heard => Texts(heard, "protocols").Contains(UnknownProtocol));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task Each_side_pings_the_other(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        for (var i = 0; i < 3; i++)
        {
            var roundTrip = await meeting.Ours.Peer.PingAsync(meeting.Js.PeerId, CancellationToken);
            Assert.InRange(roundTrip, TimeSpan.Zero, TestPeer.Patient.Ping);
            await meeting.TellJsAsync("ping");
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Echoes))]
    public async Task Bytes_come_back_as_they_were_sent(string network, bool jsDials, int bytes)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        await TestStreams.EchoAsync(meeting.Session, bytes);
        await meeting.TellJsAsync("echo", new() { ["bytes"] = bytes });
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task Two_hundred_streams_are_open_at_once(string network, bool jsDials)
    {
        const int streams = 200;
        const int bytes = 10_000;
        await using var meeting = await MeetAsync(network, jsDials);

        // js allows no more than ten streams until it is done with the handshake.
        await meeting.Session.IdentifyAsync(CancellationToken);
        await TestStreams.EchoAsync(meeting.Session, bytes, streams);
        await meeting.TellJsAsync("echo", new() { ["bytes"] = bytes, ["streams"] = streams });
        await Task.WhenAll(
            TestStreams.EchoAsync(meeting.Session, bytes, streams),
            meeting.TellJsAsync("echo", new() { ["bytes"] = bytes, ["streams"] = streams }));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task A_direction_closes_and_the_other_goes_on(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        foreach (var bytes in (int[])[0, 1, 300_000])
        {
            await TestStreams.HalfCloseAsync(meeting.Session, bytes);
            await meeting.TellJsAsync("halfClose", new() { ["bytes"] = bytes });
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task A_reset_of_the_one_who_opened_reaches_the_other(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        await using var stream = await TestStreams.OpenAsync(meeting.Session, TestProtocols.Echo);
        await stream.WriteAsync(new byte[1], CancellationToken);
        await stream.ReadAsync(new byte[1], CancellationToken);
        stream.Reset();
        var ended = await meeting.Js.TakeEventAsync("streamEnded", meeting.Ours.Peer.PeerId);
        Assert.Equal("StreamResetError", (string?)ended["error"]?["name"]);

        await meeting.TellJsAsync("reset");
        Assert.Equal(TestProtocols.Echo, await meeting.Ours.Resets.ReadAsync(CancellationToken));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task A_reset_of_the_one_who_answers_reaches_the_other(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        await using var stream = await TestStreams.OpenAsync(meeting.Session, TestProtocols.Reset);
        await stream.WriteAsync(new byte[1], CancellationToken);
        var error = await Assert.ThrowsAsync<SwarmException>(() => stream.ReadAsync(new byte[1], CancellationToken).AsTask());
        Assert.Equal("stream_reset", error.Code);

        var answer = await meeting.TellJsAsync("awaitReset");
        Assert.Equal("StreamResetError", (string?)answer["error"]);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task A_protocol_that_is_not_served_is_refused(string network, bool jsDials)
    {
        await using var meeting = await MeetAsync(network, jsDials);
        var error = await Assert.ThrowsAsync<SwarmException>(() => TestStreams.OpenAsync(meeting.Session, UnknownProtocol));
        Assert.Equal("protocol_refused", error.Code);

        var jsError = await Assert.ThrowsAsync<JsError>(() => meeting.TellJsAsync("openUnknown", new() { ["protocol"] = UnknownProtocol }));
        Assert.Equal("UnsupportedProtocolError", jsError.Name);
        await TestStreams.EchoAsync(meeting.Session, 1);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Meetings))]
    public async Task The_end_of_a_session_reaches_the_other_side(string network, bool jsDials)
    {
        await using (var meeting = await MeetAsync(network, jsDials))
        {
            await meeting.TellJsAsync("close");
            await meeting.Session.Closed.WaitAsync(CancellationToken);
        }

        await using (var meeting = await MeetAsync(network, jsDials))
        {
            await meeting.Session.DisposeAsync();
            await meeting.Js.TakeEventAsync("disconnected", meeting.Ours.Peer.PeerId);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_opens_the_network_of_its_keys(bool jsDials)
    {
        // The keys of this token as another implementation of HKDF makes them (SwarmKeysTests).
        var key = Convert.FromHexString("70479b787fcaaf7464ccf63fdc5cc6e1566eb305c3b9d0099b1c3d43b5482a68");
        var prologue = Convert.FromHexString("7ed3d8c81cfb20fb8f761ad2902766bba629d0be1bc6f5133cb49fc929f745ab");
        var js = await peers.GetAsync(new(key, prologue));
        var ours = await OurPeer.StartAsync(LocalPeerOptions.For(SwarmToken.Parse(TestTokens.Plain)));
        await using var meeting = await Meeting.StartAsync(js, ours, jsDials);
        await TestStreams.EchoAsync(meeting.Session, 16 << 10);
        await meeting.TellJsAsync("echo", new() { ["bytes"] = 16 << 10 });
    }

    private static IEnumerable<string> Texts(JsonNode message, string name) => message[name]!.AsArray().Select(text => (string)text!);

    private Task<Meeting> MeetAsync(string network, bool jsDials) => Meeting.StartAsync(peers, JsNetworks.Find(network), jsDials);
}
