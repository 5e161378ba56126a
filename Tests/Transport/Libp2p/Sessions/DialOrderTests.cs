using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

public sealed class DialOrderTests
{
    [Fact]
    public void Near_addresses_come_first_and_keep_their_order()
    {
        string[] addresses =
        [
            "/ip4/8.8.8.8/tcp/1", "/dns4/example.org/tcp/1", "/ip4/172.32.0.1/tcp/1", "/ip6/2001:db8::1/tcp/1",
            "/ip4/192.168.1.2/tcp/1", "/ip4/10.1.2.3/tcp/1", "/ip4/172.31.0.1/tcp/1", "/ip4/169.254.0.1/tcp/1", "/ip6/fd00::1/tcp/1", "/ip6/fe80::1/tcp/1",
            "/ip6/::1/tcp/1", "/ip4/127.0.0.2/tcp/1",
        ];
        string[] expected = [.. addresses[10..], .. addresses[4..10], .. addresses[..4]];
        Assert.Equal(expected, DialOrder.Sort(addresses.Select(Multiaddress.Parse)).Select(address => address.ToString()));
    }
}
