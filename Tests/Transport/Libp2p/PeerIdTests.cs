using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

public sealed class PeerIdTests
{
    // The examples of libp2p's peer-ids, and the peer of its Ed25519 test vector.
    private const string Ed25519Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string RsaPeer = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    private const string RsaPeerAsCid = "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe";

    [Fact]
    public void Of_a_short_key_holds_the_key()
    {
        var peer = PeerId.FromPublicKeyMessage(TestKeys.PublicKeyMessage);

        Assert.Equal("0024" + Convert.ToHexString(TestKeys.PublicKeyMessage), Convert.ToHexString(peer.Bytes.Span));
        Assert.Equal(Ed25519Peer, peer.ToString());
    }

    [Fact]
    public void Of_a_long_key_holds_its_hash()
    {
        // 42 bytes are the most that stand as they are.
        Assert.StartsWith("002A", Convert.ToHexString(PeerId.FromPublicKeyMessage(new byte[42]).Bytes.Span), StringComparison.Ordinal);
        var peer = PeerId.FromPublicKeyMessage(new byte[43]);
        Assert.StartsWith("1220", Convert.ToHexString(peer.Bytes.Span), StringComparison.Ordinal);
        Assert.StartsWith("Qm", peer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ed25519Peer, Ed25519Peer)]
    [InlineData("bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6", Ed25519Peer)]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")]
    [InlineData(RsaPeer, RsaPeer)]
    [InlineData(RsaPeerAsCid, RsaPeer)]
    public void Is_read_in_both_forms_and_written_in_base58(string text, string expected) =>
        Assert.Equal(expected, PeerId.Parse(text).ToString());

    [Fact]
    public void Is_equal_by_value()
    {
        var (one, same, other) = (PeerId.Parse(RsaPeer), PeerId.Parse(RsaPeerAsCid), PeerId.Parse(Ed25519Peer));

        Assert.Equal(one, same);
        Assert.True(one == same && one != other && !one.Equals(null));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, other);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("Qm")]
    [InlineData("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p")]
    [InlineData("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N5N")]
    [InlineData(" QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")]
    public void Rejects_text_that_is_no_peer_id(string text)
    {
        Assert.False(PeerId.TryParse(text, out _));
        Assert.Equal("invalid_peer_id", Assert.Throws<SwarmException>(() => PeerId.Parse(text)).Code);
    }

    [Fact]
    public void Rejects_a_cid_of_something_else() =>
        // A CID of version 1 with codec "raw".
        Assert.False(PeerId.TryParse("bafkreie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", out _));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000")]
    [InlineData("000301")]
    [InlineData("00020101FF")]
    [InlineData("1203010203")]
    [InlineData("1303010203")]
    public void Rejects_bytes_that_are_no_hash_of_a_key(string hex) =>
        Assert.Equal("invalid_peer_id", Assert.Throws<SwarmException>(() => PeerId.FromBytes(Convert.FromHexString(hex))).Code);

    [Fact]
    public void Rejects_a_key_that_is_too_long_to_stand_as_it_is() =>
        Assert.Throws<SwarmException>(() => PeerId.FromBytes([0x00, 43, .. new byte[43]]));

    [Fact]
    public void Rejects_an_empty_key() => Assert.Throws<SwarmException>(() => PeerId.FromPublicKeyMessage([]));

    [Fact]
    public void A_damaged_peer_id_is_read_or_refused() => Fuzz.Run(3, mutation =>
    {
        if (!PeerId.TryParse(mutation.Of(mutation.Pick<string>([Ed25519Peer, RsaPeer, RsaPeerAsCid])), out var peer))
        {
            peer = PeerId.FromBytes(mutation.Of(mutation.Pick<byte[]>([[0x00, 4, 1, 2, 3, 4], [0x12, 0x20, .. new byte[32]]])));
        }

        Assert.Equal(peer, PeerId.Parse(peer.ToString()));
        Assert.Equal(peer, PeerId.FromBytes(peer.Bytes.Span));
        return true;
    });
}
