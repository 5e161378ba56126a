using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

public sealed class MultiaddressTests
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string Relay = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    private const string PeerHex = "002408011220" + "1ED1E8FAE2C4A144B8BE8FD4B47BF3D3B34B871C3CACF6010F0E42D474FCE27E";
    private const string CertHash = "uEiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ";

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/4001", "047F000001060FA1")]
    [InlineData("/ip4/0.0.0.0/tcp/0", "0400000000060000")]
    [InlineData("/ip6/::1/tcp/65535", "290000000000000000000000000000000106FFFF")]
    [InlineData("/ip6/2001:db8::ff:1/udp/1234/quic-v1", "2920010DB8000000000000000000FF0001910204D2CD03")]
    [InlineData("/dns4/example.org/tcp/443/wss", "360B6578616D706C652E6F72670601BBDE03")]
    [InlineData("/dns6/example.org/tcp/80/ws", "370B6578616D706C652E6F7267060050DD03")]
    [InlineData("/dns/example.org", "350B6578616D706C652E6F7267")]
    [InlineData("/dnsaddr/bootstrap.example.org", "3815626F6F7473747261702E6578616D706C652E6F7267")]
    [InlineData("/p2p/" + Peer, "A50326" + PeerHex)]
    [InlineData("/p2p-circuit/p2p/" + Peer, "A202A50326" + PeerHex)]
    public void Is_read_and_written_as_text_and_as_bytes(string text, string hex)
    {
        var address = Multiaddress.Parse(text);

        Assert.Equal(text, address.ToString());
        Assert.Equal(hex, Convert.ToHexString(address.Bytes.Span));
        Assert.Equal(address, Multiaddress.FromBytes(Convert.FromHexString(hex)));
        Assert.Equal(text, Multiaddress.FromBytes(Convert.FromHexString(hex)).ToString());
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1/webtransport/certhash/" + CertHash + "/certhash/" + CertHash + "/p2p/" + Peer)]
    [InlineData("/ip4/192.0.2.1/udp/4001/webrtc-direct/certhash/" + CertHash)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/p2p/" + Relay + "/p2p-circuit/p2p/" + Peer)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/tls/ws/p2p/" + Relay + "/p2p-circuit/webrtc/p2p/" + Peer)]
    public void Reads_what_other_implementations_announce(string text)
    {
        var address = Multiaddress.Parse(text);

        Assert.Equal(text, Multiaddress.FromBytes(address.Bytes.Span).ToString());
        Assert.Null(address.TcpEndPoint);
    }

    [Theory]
    [InlineData("/ipfs/" + Relay, "/p2p/" + Relay)]
    [InlineData("/p2p/bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", "/p2p/" + Relay)]
    [InlineData("/ip6/2001:DB8:0:0::1/tcp/0080", "/ip6/2001:db8::1/tcp/80")]
    public void Is_written_in_one_form(string text, string expected) => Assert.Equal(expected, Multiaddress.Parse(text).ToString());

    [Fact]
    public void Is_equal_by_value()
    {
        var (one, same, other) = (Multiaddress.Parse("/ip6/::1/tcp/1"), Multiaddress.Parse("/ip6/0:0::1/tcp/1"), Multiaddress.Parse("/ip6/::1/udp/1"));

        Assert.Equal(one, same);
        Assert.True(one == same && one != other && !one.Equals(null));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void Tells_host_port_and_peer()
    {
        var address = Multiaddress.Parse($"/ip4/192.0.2.1/tcp/4001/p2p/{Peer}");

        Assert.Equal(("192.0.2.1", 4001, PeerId.Parse(Peer)), (address.Host, address.TcpPort, address.PeerId));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4001), address.TcpEndPoint);
        Assert.Null(Multiaddress.Parse("/ip4/192.0.2.1/udp/4001").TcpPort);
        Assert.Null(Multiaddress.Parse($"/p2p/{Peer}").Host);
        Assert.Null(Multiaddress.Parse($"/ip4/192.0.2.1/tcp/1/p2p/{Relay}/p2p-circuit").PeerId);
        Assert.Null(Multiaddress.Parse("/dnsaddr/example.org/tcp/1").TcpEndPoint);
    }

    [Theory]
    [InlineData("dns", AddressFamily.Unspecified)]
    [InlineData("dns4", AddressFamily.InterNetwork)]
    [InlineData("dns6", AddressFamily.InterNetworkV6)]
    public void Asks_dns_for_the_family_that_it_names(string protocol, AddressFamily family) =>
        Assert.Equal(new DnsEndPoint("example.org", 80, family), Multiaddress.Parse($"/{protocol}/example.org/tcp/80").TcpEndPoint);

    [Theory]
    [InlineData("127.0.0.1:4001", "/ip4/127.0.0.1/tcp/4001")]
    [InlineData("[::1]:65535", "/ip6/::1/tcp/65535")]
    [InlineData("[::ffff:192.0.2.1]:80", "/ip4/192.0.2.1/tcp/80")]
    [InlineData("[fe80::1%3]:80", "/ip6/fe80::1/tcp/80")]
    public void Comes_from_an_end_point(string endPoint, string expected) =>
        Assert.Equal(expected, Multiaddress.FromEndPoint(IPEndPoint.Parse(endPoint)).ToString());

    [Fact]
    public void Takes_a_peer_and_an_inner_address()
    {
        var address = Multiaddress.Parse("/ip4/192.0.2.1/tcp/1");

        Assert.Equal($"/ip4/192.0.2.1/tcp/1/p2p/{Peer}", address.WithPeerId(PeerId.Parse(Peer)).ToString());
        Assert.Equal($"/ip4/192.0.2.1/tcp/1/p2p/{Peer}", address.WithPeerId(PeerId.Parse(Relay)).WithPeerId(PeerId.Parse(Peer)).ToString());
        Assert.Equal(
            $"/ip4/192.0.2.1/tcp/1/p2p/{Relay}/p2p-circuit/p2p/{Peer}",
            address.WithPeerId(PeerId.Parse(Relay)).Encapsulate(Multiaddress.Parse($"/p2p-circuit/p2p/{Peer}")).ToString());
    }

    [Theory]
    [InlineData("", "expected '/'")]
    [InlineData("/", "expected '/'")]
    [InlineData("ip4/127.0.0.1", "expected '/'")]
    [InlineData("127.0.0.1:80", "expected '/'")]
    public void Rejects_what_is_no_address(string text, string says) => Rejects(text, says);

    [Theory]
    [InlineData("/ip5/127.0.0.1", "part 1: unknown protocol 'ip5'")]
    [InlineData("/ip4/127.0.0.1//tcp/1", "part 2: unknown protocol ''")]
    [InlineData("/ip4/127.0.0.1/tcp/1/", "part 3: unknown protocol ''")]
    [InlineData("/IP4/127.0.0.1", "unknown protocol 'IP4'")]
    public void Rejects_unknown_protocols(string text, string says) => Rejects(text, says);

    [Theory]
    [InlineData("/ip4")]
    [InlineData("/ip4/127.0.0.1/tcp")]
    public void Rejects_a_protocol_without_its_value(string text) => Rejects(text, "lacks its value");

    [Theory]
    [InlineData("127.0.0")]
    [InlineData("127.1")]
    [InlineData("127.0.0.256")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.0x1")]
    [InlineData("127.0.0.1.1")]
    [InlineData("::1")]
    public void Rejects_what_is_no_ipv4_address(string value) => Rejects($"/ip4/{value}/tcp/1", $"part 1: 'ip4' of '{value}'");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("::1::")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("12345::")]
    public void Rejects_what_is_no_ipv6_address(string value) => Rejects($"/ip6/{value}/tcp/1", $"part 1: 'ip6' of '{value}'");

    [Theory]
    [InlineData("/ip6/fe80::1%eth0/tcp/1", "not supported")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", "zones are not supported")]
    public void Rejects_zones(string text, string says) => Rejects(text, says);

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("http")]
    [InlineData("")]
    public void Rejects_what_is_no_port(string value) => Rejects($"/ip4/127.0.0.1/tcp/{value}", $"part 2: 'tcp' of '{value}'");

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a%b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    public void Rejects_what_is_no_dns_name(string value) => Rejects($"/dns/{value}/tcp/1", "part 1: 'dns' of ");

    [Fact]
    public void Rejects_dns_names_of_more_than_253_characters()
    {
        Assert.True(Multiaddress.TryParse($"/dns/{new string('a', 253)}", out _));
        Rejects($"/dns/{new string('a', 254)}", "'dns' of ");
    }

    [Fact]
    public void Rejects_what_is_no_peer() => Rejects("/p2p/nobody", "'p2p' of 'nobody': expected a peer id");

    [Theory]
    [InlineData("EiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ")]
    [InlineData("u")]
    [InlineData("uEiAk")]
    [InlineData("uEiAk====")]
    public void Rejects_what_is_no_hash_of_a_certificate(string value) => Rejects($"/certhash/{value}", "'certhash' of ");

    [Fact]
    public void Rejects_too_many_parts()
    {
        Assert.True(Multiaddress.TryParse(string.Concat(Enumerable.Repeat("/ws", 20)), out _));
        Rejects(string.Concat(Enumerable.Repeat("/ws", 21)), "allowed are 20");
        Assert.False(Multiaddress.TryFromBytes([.. Enumerable.Repeat<byte[]>([0xDD, 0x03], 21).SelectMany(part => part)], out _));
    }

    [Fact]
    public void Rejects_too_long_addresses()
    {
        Rejects("/dns/" + new string('a', 5_000_000), "allowed are 2048");
        Rejects(string.Concat(Enumerable.Repeat("/dns/" + new string('a', 240), 5)), "it has 1215 bytes, allowed are 1 to 1024");
        Assert.Contains("allowed are 1 to 1024", FailsOnBytes(new byte[1025]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has 0 bytes")]
    [InlineData("80", "protocol's number is cut off")]
    [InlineData("8400", "shortest form")]
    [InlineData("03", "unknown protocol 3")]
    [InlineData("047F0000", "'ip4' has 4 bytes, 3 are left")]
    [InlineData("047F00000106", "part 2 (before byte 6): 'tcp' has 2 bytes, 0 are left")]
    [InlineData("35", "the length of 'dns' is cut off")]
    [InlineData("350561", "'dns' has 5 bytes, 1 are left")]
    [InlineData("35FFFFFFFFFFFFFFFF7F61", "'dns' has 9223372036854775807 bytes")]
    [InlineData("3500", "'dns' of 0 bytes")]
    [InlineData("350161048000000120", "unknown protocol 32")]
    [InlineData("35012F", "'dns' of 1 bytes")]
    [InlineData("A503021203", "'p2p' of 2 bytes")]
    public void Rejects_damaged_bytes(string hex, string says) =>
        Assert.Contains(says, FailsOnBytes(Convert.FromHexString(hex)), StringComparison.Ordinal);

    [Fact]
    public void Quotes_foreign_text_briefly_and_without_control_characters()
    {
        var exception = Assert.Throws<SwarmException>(() => Multiaddress.Parse("/\u001b[31m\n" + new string('x', 1000)));

        Assert.DoesNotContain(exception.Message, char.IsControl);
        Assert.InRange(exception.Message.Length, 1, 400);
    }

    [Fact]
    public void A_damaged_text_is_read_or_refused() => Fuzz.Run(5, mutation =>
    {
        var text = mutation.Of(mutation.Pick(Samples));
        if (!Multiaddress.TryParse(text, out var address))
        {
            return Multiaddress.Parse(text) is null;
        }

        CheckPromises(address);
        return true;
    });

    [Fact]
    public void Damaged_bytes_are_read_or_refused()
    {
        byte[][] originals = [.. Samples.Select(text => Multiaddress.Parse(text).Bytes.ToArray())];
        Fuzz.Run(6, mutation =>
        {
            var bytes = mutation.Of(mutation.Pick(originals));
            var address = Multiaddress.FromBytes(bytes);
            Assert.Equal(bytes, address.Bytes.ToArray());
            CheckPromises(address);
            return true;
        });
    }

    private static string[] Samples =>
    [
        "/ip4/127.0.0.1/tcp/4001",
        "/ip6/2001:db8::1/udp/4001/quic-v1",
        "/dns4/example.org/tcp/443/wss",
        $"/ip4/192.0.2.1/tcp/4001/p2p/{Relay}/p2p-circuit/p2p/{Peer}",
        $"/ip4/192.0.2.1/udp/4001/webrtc-direct/certhash/{CertHash}",
    ];

    private static void CheckPromises(Multiaddress address)
    {
        Assert.Equal(address, Multiaddress.Parse(address.ToString()));
        Assert.Equal(address, Multiaddress.FromBytes(address.Bytes.Span));
        Assert.InRange(address.TcpPort ?? 0, 0, 65535);
        Assert.True(address.TcpEndPoint is null || address.Host is not null);
        _ = address.PeerId;
    }

    private static void Rejects(string text, string says)
    {
        var exception = Assert.Throws<SwarmException>(() => Multiaddress.Parse(text));
        Assert.Equal("invalid_address", exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.False(Multiaddress.TryParse(text, out _));
    }

    private static string FailsOnBytes(byte[] bytes)
    {
        Assert.False(Multiaddress.TryFromBytes(bytes, out _));
        var exception = Assert.Throws<SwarmException>(() => Multiaddress.FromBytes(bytes));
        Assert.Equal("invalid_address", exception.Code);
        return exception.Message;
    }
}
