using System.Net;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>A node on a link without sockets: what it sends and finds is kept.</summary>
internal sealed class TestLink : IMdnsOutput
{
    private readonly int _host;
    private int _instances;

    /// <param name="host">Its number: the end of its address, and whom it is.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="keys">The swarm's; null: the test swarm's.</param>
    /// <param name="today">What it takes for today.</param>
    public TestLink(int host, TimeSpan now = default, SwarmKeys? keys = null, DateOnly? today = null)
    {
        _host = host;
        Interface = TestMdns.Interface(host);
        Addresses = [TestMdns.Address(host)];
        Link = new(
            new()
            {
                Keys = keys ?? TestMdns.Keys,
                Self = TestMdns.Peer(host),
                Addresses = () => Addresses,
                Interface = Interface,
                CreateInstance = () => $"instance-{_host}-{_instances++}",
                Timing = Timing,
            },
            this, seed: host, today ?? TestMdns.Day, now);
    }

    public static MdnsTiming Timing { get; } = new();

    public MdnsLink Link { get; }

    public MdnsInterface Interface { get; }

    public IReadOnlyList<Multiaddress> Addresses { get; set; }

    public List<(byte[] Message, IPEndPoint? To)> Sent { get; } = [];

    public List<DiscoveredPeer> Found { get; } = [];

    /// <summary>What times in calls of this class are counted from.</summary>
    public TimeSpan Epoch { get; set; }

    /// <summary>When the link has something to do.</summary>
    public TimeSpan NextTick => Link.NextTick - Epoch;

    public IPEndPoint EndPoint => new(Interface.Prefixes[0].Address, MdnsMessages.Port);

    void IMdnsOutput.Send(byte[] message, IPEndPoint? to) => Sent.Add((message, to));

    void IMdnsOutput.Found(DiscoveredPeer peer) => Found.Add(peer);

    /// <summary>Takes what was sent.</summary>
    public List<(DnsMessage Message, IPEndPoint? To)> TakeSent()
    {
        var sent = Sent.Select(each => (DnsMessage.Read(each.Message), each.To)).ToList();
        Sent.Clear();
        return sent;
    }

    /// <summary>Does all that is due up to a time.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (NextTick <= end)
        {
            Link.Tick(Link.NextTick);
        }
    }

    /// <summary>Hears a message that was sent to all.</summary>
    public void Hear(DnsMessage message, TimeSpan now, string from = "10.0.0.99", int port = MdnsMessages.Port, bool isToGroup = true) =>
        Link.Receive(new(message.Write(), new(IPAddress.Parse(from), port), isToGroup), Epoch + now);
}
