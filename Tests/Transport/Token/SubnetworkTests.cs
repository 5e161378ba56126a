using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Token;

[Trait("Tier", "Loopback")]
public sealed class SubnetworkTests
{
    private static readonly SwarmToken Plain = SwarmToken.Parse(TestTokens.Plain);

    [Theory]
    [InlineData(SwarmTokenFlags.None)]
    [InlineData(SwarmTokenFlags.Fast)]
    public async Task Only_members_of_the_same_part_can_connect(SwarmTokenFlags flags)
    {
        var token = SwarmToken.Generate(flags: flags);
        await using var listener = await StartAsync(token.InSubnetwork("a"));
        await using var same = await StartAsync(token.InSubnetwork("a"));
        await using var other = await StartAsync(token.InSubnetwork("b"));
        await using var whole = await StartAsync(token);
        var address = listener.ListenAddresses[0];

        Assert.Equal(listener.PeerId, (await same.DialAsync(address, TestContext.Current.CancellationToken)).RemotePeer);
        foreach (var stranger in new[] { other, whole })
        {
            var refused = await Assert.ThrowsAsync<SwarmException>(() => stranger.DialAsync(address, TestContext.Current.CancellationToken).AsTask());
            Assert.Equal("handshake_failed", refused.Code);
        }

        Assert.Equal(same.PeerId, Assert.Single(listener.Sessions).RemotePeer);
    }

    [Fact]
    public void The_part_is_not_in_the_text()
    {
        var part = Plain.InSubnetwork("a");

        Assert.Equal("a", part.Subnetwork);
        Assert.Equal(TestTokens.Plain, part.Reveal());
        Assert.NotEqual(Plain, part);
        Assert.Equal(Plain, part.InSubnetwork(null));
    }

    [Fact]
    public void Other_addresses_change_nothing_else()
    {
        var address = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");
        var token = SwarmToken.Parse(TestTokens.Full).InSubnetwork("a").WithBootstrap([address, address]);

        Assert.Equal([address], token.Bootstrap);
        Assert.Equal(SwarmToken.Parse(TestTokens.Full).InSubnetwork("a"), token);
        Assert.Equal("invalid_token", Assert.Throws<SwarmException>(() => token.WithBootstrap(
            [.. Enumerable.Range(1, 17).Select(port => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}"))])).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void Refuses_names_that_cannot_be(string name) =>
        Assert.Equal("invalid_network_name", Assert.Throws<SwarmException>(() => Plain.InSubnetwork(name)).Code);

    private static async Task<LocalPeer> StartAsync(SwarmToken token)
    {
        var peer = new LocalPeer(Identity.Generate(), TestPeer.Patiently(LocalPeerOptions.For(token)));
        await peer.StartListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")], TestContext.Current.CancellationToken);
        return peer;
    }
}
