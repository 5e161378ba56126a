using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;

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
        var peer = PeerId.FromBytes(multihash);
        var uri = new Uri(PeerHost.UriOf(peer), "/v1/models");
        Assert.Equal((PeerHost.Encode(peer), UriHostNameType.Dns), (uri.IdnHost, uri.HostNameType));
        foreach (var host in (string[])[uri.IdnHost, uri.IdnHost.ToUpperInvariant()])
        {
            Assert.True(PeerHost.TryDecode(host, out var decoded));
            Assert.Equal(peer, decoded);
        }
    }

    /// <summary>All Ed25519 keys' names begin alike, as in IPFS.</summary>
    [Fact]
    public void Names_are_those_of_ipfs()
    {
        var host = PeerHost.Encode(PeerId.FromBytes(Ed25519));
        Assert.StartsWith("k51qzi5uqu5", host, StringComparison.Ordinal);
        Assert.Equal(62 + PeerHost.Suffix.Length, host.Length);
        // An example of IPFS's documentation.
        Assert.True(PeerHost.TryDecode("k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.peer", out var peer));
        Assert.Equal(Ed25519[..6], peer.Bytes[..6].ToArray());
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
    public void An_id_that_is_too_long_is_refused() =>
        Assert.Throws<ArgumentException>(() => PeerHost.Encode(PeerId.FromPublicKeyMessage(new byte[42])));
}
