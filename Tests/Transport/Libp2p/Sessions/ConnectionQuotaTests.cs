using System.Net;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Sessions;

public sealed class ConnectionQuotaTests
{
    private readonly ConnectionQuota _quota = new(new LocalPeerLimits { Connections = 3, ConnectionsPerAddress = 2 });

    [Fact]
    public void Refuses_more_connections_than_it_has_places()
    {
        var places = new[] { _quota.Take(null), _quota.Take(null), _quota.Take(IPAddress.Loopback) };
        Refuses(null);
        places[0].Dispose();
        places[0].Dispose();
        _quota.Take(null);
        Refuses(null);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")]
    public void Refuses_more_connections_of_one_network_than_it_may_have(string first, string same, string other)
    {
        var place = _quota.Take(IPAddress.Parse(first));
        _quota.Take(IPAddress.Parse(same));
        Refuses(IPAddress.Parse(same));
        _quota.Take(IPAddress.Parse(other)).Dispose();
        place.Dispose();
        _quota.Take(IPAddress.Parse(same));
        Assert.Equal(2, _quota.Count);
    }

    private void Refuses(IPAddress? from) => Assert.Equal("too_many_connections", Assert.Throws<SwarmException>(() => _quota.Take(from)).Code);
}
