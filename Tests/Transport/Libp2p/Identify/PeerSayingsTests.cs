using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;

namespace ManagedSwarm.Tests.Transport.Libp2p.Identify;

public sealed class PeerSayingsTests
{
    private readonly List<PeerInfo> _learned = [];
    private readonly PeerSayings _sayings;

    public PeerSayingsTests() => _sayings = new(_learned.Add);

    [Fact]
    public void What_is_pushed_while_an_answer_is_on_its_way_stays()
    {
        var asked = _sayings.Ask();
        _sayings.Push(Says("1", "/kad"));
        _sayings.Answer(Says("2"), asked);
        Assert.Equal(["/kad"], _sayings.Known!.Protocols);
        Assert.Equal(["1", "1"], _learned.Select(info => info.AgentVersion));
    }

    [Fact]
    public void An_answer_says_what_a_push_does_not_name()
    {
        var asked = _sayings.Ask();
        _sayings.Push(Says(null, "/kad"));
        _sayings.Answer(Says("1"), asked);
        Assert.Equal(("1", "/kad"), (_sayings.Known!.AgentVersion, Assert.Single(_sayings.Known.Protocols)));
    }

    [Fact]
    public void An_answer_is_later_than_what_was_pushed_before_the_question()
    {
        _sayings.Push(Says("1", "/kad"));
        _sayings.Answer(Says("2"), _sayings.Ask());
        Assert.Equal(("2", 0), (_sayings.Known!.AgentVersion, _sayings.Known.Protocols.Count));
    }

    [Fact]
    public void A_push_leaves_what_it_does_not_name()
    {
        _sayings.Answer(Says("1", "/kad"), _sayings.Ask());
        _sayings.Push(Says("2"));
        Assert.Equal(("2", "/kad"), (_sayings.Known!.AgentVersion, Assert.Single(_sayings.Known.Protocols)));
    }

    private static PeerInfo Says(string? version, params string[] protocols) =>
        new() { PeerId = MemoryNetwork.Peer, AgentVersion = version, Protocols = protocols };
}
