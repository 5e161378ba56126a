using System.Net;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

public sealed class MdnsFindingTests
{
    private static readonly DnsName Service = DnsName.Parse($"_p2p-{TestMdns.Keys.MdnsTag(TestMdns.Day)}._udp.local");
    private static readonly string Other = TestMdns.Peer(2).ToString();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Finds_by_answers_and_by_additionals(bool isAdditional)
    {
        var node = new TestLink(1);
        var response = Response([$"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}", $"dnsaddr=/ip4/192.168.1.1/tcp/2/p2p/{Other}"]);
        var inAnswers = response with { Answers = [.. response.Answers, .. response.Additionals], Additionals = [] };
        node.Hear(isAdditional ? response : inAnswers, default);

        var peer = Assert.Single(node.Found);
        Assert.Equal(("mdns", TestMdns.Peer(2)), (peer.Source, peer.Id));
        Assert.Equal(
            [$"/ip4/10.0.0.2/tcp/1/p2p/{Other}", $"/ip4/192.168.1.1/tcp/2/p2p/{Other}"], peer.Addresses.Select(each => each.ToString()));
    }

    [Fact]
    public void Finds_by_one_record_with_many_texts()
    {
        var node = new TestLink(1);
        var response = Response([]);
        DnsRecord text = new(response.Answers[0].Target!, DnsType.Text, 120)
        {
            Texts = ["txtvers=1", $"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}", $"dnsaddr=/ip4/10.0.0.3/tcp/2/p2p/{Other}"],
        };
        node.Hear(response with { Additionals = [text] }, default);
        Assert.Equal(2, Assert.Single(node.Found).Addresses.Count);
    }

    [Theory]
    [InlineData("dnsaddr=")]
    [InlineData("dnsaddr=/ip4/10.0.0.2/tcp/1")]
    [InlineData("dnsaddr=/ip4/10.0.0.2/tcp/0/p2p/{0}")]
    [InlineData("dnsaddr=/ip4/0.0.0.0/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip4/224.0.0.1/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip4/127.0.0.1/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip6/::/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip6/::1/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip6/fe80::2/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip6/ff02::2/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip6/::ffff:10.0.0.2/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip4/10.0.0.2/udp/1/quic-v1/p2p/{0}")]
    [InlineData("dnsaddr=/dns4/example.com/tcp/1/p2p/{0}")]
    [InlineData("dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{0}/p2p-circuit")]
    [InlineData("dnsaddr=/nothing/1/p2p/{0}")]
    [InlineData("addr=/ip4/10.0.0.2/tcp/1/p2p/{0}")]
    [InlineData("\u00ff\u0000")]
    public void Passes_over_what_cannot_be_dialed(string text)
    {
        var (node, good) = (new TestLink(1), $"/ip4/10.0.0.2/tcp/9/p2p/{Other}");
        var bad = text.Replace("{0}", Other, StringComparison.Ordinal);

        node.Hear(Response([bad]), default);
        Assert.Empty(node.Found);

        node.Hear(Response([bad, "dnsaddr=" + good, bad]), default);
        Assert.Equal([good], Assert.Single(node.Found).Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public void Takes_loopback_addresses_from_this_machine_only()
    {
        var node = new TestLink(1);
        var response = Response([$"dnsaddr=/ip4/127.0.0.1/tcp/1/p2p/{Other}"]);
        node.Hear(response, default, from: "10.0.0.2");
        Assert.Empty(node.Found);
        node.Hear(response, default, from: "10.0.0.1");
        Assert.Single(node.Found);
    }

    [Fact]
    public void Keeps_to_one_peer_and_few_addresses_those_on_the_link_first()
    {
        var node = new TestLink(1);
        var third = TestMdns.Peer(3).ToString();
        node.Hear(
            Response([
                .. Enumerable.Range(1, 20).Select(i => $"dnsaddr=/ip4/172.16.0.{i}/tcp/1/p2p/{Other}"),
                $"dnsaddr=/ip4/172.16.1.1/tcp/1/p2p/{third}",
                $"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}",
            ]),
            default);

        var peer = Assert.Single(node.Found);
        Assert.Equal(MdnsAddresses.MaxCount, peer.Addresses.Count);
        Assert.Equal("10.0.0.2", peer.Addresses[0].Host);
        Assert.All(peer.Addresses, address => Assert.Equal(TestMdns.Peer(2), address.PeerId));
    }

    [Fact]
    public void Ignores_its_own_answers_however_they_are_named()
    {
        var node = new TestLink(1);
        node.Hear(Response([$"dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/{TestMdns.Peer(1)}"]), default);
        node.RunUntil(TimeSpan.FromSeconds(1));
        foreach (var (message, _) in node.TakeSent())
        {
            node.Hear(message, default, from: "10.0.0.1");
        }

        Assert.Empty(node.Found);
    }

    [Fact]
    public void Ignores_goodbyes()
    {
        var node = new TestLink(1);
        var response = Response([$"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}"]);
        node.Hear(response with { Answers = [response.Answers[0] with { TimeToLive = 0 }] }, default);
        Assert.Empty(node.Found);
    }

    [Fact]
    public void Ignores_answers_of_other_services_and_from_other_ports_and_links()
    {
        var node = new TestLink(1);
        var response = Response([$"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}"]);
        node.Hear(response, default, port: 5354);
        node.Hear(response, default, from: "203.0.113.1", isToGroup: false);
        node.Hear(response with { Answers = [response.Answers[0] with { Name = DnsName.Parse("_p2p._udp.local") }] }, default);
        node.Hear(response with { Answers = [response.Answers[0] with { Target = DnsName.Parse("x._p2p._udp.local") }] }, default);
        Assert.Empty(node.Found);
    }

    [Fact]
    public void Bounds_what_a_flood_of_answers_finds()
    {
        var node = new TestLink(1);
        var response = Response([$"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}"]);
        for (var i = 0; i < 1000; i++)
        {
            node.Hear(response, TimeSpan.FromMilliseconds(i));
        }

        Assert.InRange(node.Found.Count, 100, 200);
    }

    [Fact]
    public void Survives_what_is_no_message()
    {
        var (node, mutation) = (new TestLink(1), new Mutation(1));
        var response = Response([$"dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/{Other}"]).Write();
        for (var i = 0; i < 1000; i++)
        {
            MdnsPacket packet = new(mutation.Of(response), new(IPAddress.Parse("10.0.0.2"), MdnsMessages.Port), IsToGroup: true);
            node.Link.Receive(packet, TimeSpan.FromSeconds(i));
        }

        Assert.InRange(node.Found.Count, 10, 990);
    }

    [Theory]
    [InlineData("10.1.2.3", 24, "10.1.2.200", true)]
    [InlineData("10.1.2.3", 24, "10.1.3.3", false)]
    [InlineData("10.1.2.3", 20, "10.1.15.255", true)]
    [InlineData("10.1.2.3", 20, "10.1.16.0", false)]
    [InlineData("10.1.2.3", 32, "10.1.2.3", true)]
    [InlineData("10.1.2.3", 32, "10.1.2.2", false)]
    [InlineData("10.1.2.3", 0, "1.1.1.1", true)]
    [InlineData("fe80::1", 64, "fe80::2%3", true)]
    [InlineData("fe80::1", 64, "fe80:1::2", false)]
    [InlineData("fe80::1", 0, "10.1.2.3", false)]
    public void Knows_which_addresses_are_on_a_link(string own, int length, string other, bool isOnLink) =>
        Assert.Equal(isOnLink, new MdnsPrefix(IPAddress.Parse(own), length).Contains(IPAddress.Parse(other)));

    private static DnsMessage Response(IEnumerable<string> texts)
    {
        var instance = DnsName.Parse($"other.{Service}");
        return new()
        {
            IsResponse = true,
            Answers = [new(Service, DnsType.Pointer, 120) { Target = instance }],
            Additionals = [.. texts.Select(text => new DnsRecord(instance, DnsType.Text, 120) { Texts = [text] })],
        };
    }
}
