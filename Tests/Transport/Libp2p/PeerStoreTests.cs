using ManagedSwarm.Tests.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

public sealed class PeerStoreTests
{
    private static readonly PeerId Peer = FakeLink.Peer(1);
    private static readonly Multiaddress First = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");
    private static readonly Multiaddress Second = Multiaddress.Parse("/ip4/192.0.2.2/tcp/4001");

    private readonly PeerStore _store = new(capacity: 2);

    [Fact]
    public void Tries_what_was_named_last_first_and_what_the_peer_itself_says_last()
    {
        _store.Learn(new PeerInfo { PeerId = Peer, Addresses = [First, Multiaddress.Parse("/ip4/192.0.2.3/tcp/1")] });
        _store.AddAddresses(Peer, First);
        _store.AddAddresses(Peer, Second);

        string[] expected = ["/ip4/192.0.2.2/tcp/4001", "/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.3/tcp/1"];
        Assert.Equal(expected.Select(text => $"{text}/p2p/{Peer}"), _store.AddressesOf(Peer).Select(address => address.ToString()));
    }

    [Fact]
    public void Leaves_out_what_cannot_be_dialed_and_what_is_of_somebody_else()
    {
        _store.AddAddresses(
            Peer, First.WithPeerId(FakeLink.Peer(2)), Multiaddress.Parse("/ip4/192.0.2.1/tcp/0"), Multiaddress.Parse("/ip4/192.0.2.1/udp/1/quic-v1"));

        Assert.Empty(_store.AddressesOf(Peer));
    }

    [Fact]
    public void Forgets_whom_it_has_heard_of_least_recently()
    {
        _store.AddAddresses(Peer, First);
        _store.AddAddresses(FakeLink.Peer(2), First);
        _store.AddAddresses(Peer, Second);
        _store.AddAddresses(FakeLink.Peer(3), First);

        Assert.Empty(_store.AddressesOf(FakeLink.Peer(2)));
        Assert.Equal(2, _store.AddressesOf(Peer).Count);
        Assert.Null(_store.Find(Peer));
    }
}
