using ManagedSwarm.Transport.Http;

namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>Peers have names that URIs can hold.</summary>
public sealed class PeerHostTests
{
    /// <summary>An Ed25519 key as a peer id: an identity multihash (00, 36 bytes) of a protobuf (type 1, key of 32 bytes).</summary>
    private static readonly byte[] Ed25519 = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20, .. Enumerable.Range(1, 32).Select(value => (byte)(value * 7))];

    private static readonly byte[] Sha256 = [0x12, 0x20, .. Enumerable.Range(1, 32).Select(value => (byte)(value * 5))];

    public static TheoryData<byte[]> Ids() => [Ed25519, Sha256];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_uri_keeps_the_name(byte[] multihash)
    {
        var host = PeerHost.Encode(multihash);
        var uri = new Uri($"http://{host}/v1/models");
        Assert.Equal((host, UriHostNameType.Dns), (uri.IdnHost, uri.HostNameType));
        Assert.True(PeerHost.TryDecode(uri.IdnHost, out var decoded));
        Assert.Equal(multihash, decoded);
        Assert.True(PeerHost.TryDecode(host.ToUpperInvariant(), out decoded));
        Assert.Equal(multihash, decoded);
    }

    /// <summary>All Ed25519 keys' names begin alike, as in IPFS.</summary>
    [Fact]
    public void Names_are_those_of_ipfs()
    {
        Assert.StartsWith("k51qzi5uqu5", PeerHost.Encode(Ed25519), StringComparison.Ordinal);
        Assert.Equal(62 + PeerHost.Suffix.Length, PeerHost.Encode(Ed25519).Length);
        // An example of IPFS's documentation.
        Assert.True(PeerHost.TryDecode("k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.peer", out var multihash));
        Assert.Equal(Ed25519[..6], multihash[..6]);
        Assert.Equal(Ed25519.Length, multihash.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".peer")]
    [InlineData("k.peer")]
    [InlineData("k51.peer")]
    [InlineData("localhost")]
    [InlineData("b51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.peer")]
    [InlineData("k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2-.peer")]
    [InlineData("k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.com")]
    [InlineData("k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r51qzi5uqu5.peer")]
    public void Other_names_are_no_peers(string host) => Assert.False(PeerHost.TryDecode(host, out _));

    [Fact]
    public void An_id_that_is_too_long_is_refused() => Assert.Throws<ArgumentException>(() => PeerHost.Encode(new byte[64]));
}
