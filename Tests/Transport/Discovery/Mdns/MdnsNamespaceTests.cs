using System.Threading.Channels;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Tests.Transport.Libp2p.Interop;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>Nodes on machines of their own, with an Ethernet between them that leads nowhere else.</summary>
[Trait("Tier", "Loopback")]
public sealed class MdnsNamespaceTests
{
    private const string TokenVariable = "MANAGEDSWARM_TEST_MDNS_TOKEN";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private readonly SwarmToken _token = SwarmToken.Generate();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Finds_js_and_is_found_by_it(bool isJsFirst)
    {
        await JsPackages.RequireNodeAsync();
        await using var machines = await NetworkNamespaces.CreateAsync(2);
        var js = isJsFirst ? await StartJsAsync(machines, 0) : null;
        await using var ours = StartNode(machines, 1);
        var self = PeerId.Parse(await ours.ListenAsync("self", Timeout));
        await using var other = js ?? await StartJsAsync(machines, 0);

        Assert.Equal(other.Address.ToString(), await ours.ListenAsync("found", Timeout));
        Assert.Equal(other.PeerId.ToString(), await ours.ListenAsync("dialed", Timeout));

        var discovered = await other.TakeEventAsync("discovered", self);
        var address = Multiaddress.Parse((string)discovered["addresses"]![0]!);
        Assert.Equal(NetworkNamespaces.Address(1).ToString(), address.Host);
        await other.DoAsync("dial", new() { ["address"] = address.WithPeerId(self).ToString() });
        await other.DoAsync("ping", new() { ["peer"] = self.ToString() });
        await ours.RequirePassAsync();
    }

    [Fact]
    public async Task Two_nodes_find_each_other_by_all_their_addresses()
    {
        if (ChildTest.IsChild)
        {
            await RunNodeAsync();
            return;
        }

        await using var machines = await NetworkNamespaces.CreateAsync(3);
        await using var one = StartNode(machines, 0);
        await using var other = StartNode(machines, 1);
        await using var stranger = StartNode(machines, 2, SwarmToken.Generate());
        var ids = (One: await one.ListenAsync("self", Timeout), Other: await other.ListenAsync("self", Timeout));

        var found = await one.ListenAsync("found", Timeout);
        Assert.Contains("/ip4/10.77.0.2/", found, StringComparison.Ordinal);
        Assert.Contains("/ip6/fd77::2/", found, StringComparison.Ordinal);
        Assert.Equal(ids.Other, await one.ListenAsync("dialed", Timeout));
        Assert.Equal(ids.One, await other.ListenAsync("dialed", Timeout));
        await one.RequirePassAsync();
        await other.RequirePassAsync();

        // It has found nobody, or it would have said so.
        await stranger.ListenAsync("self", Timeout);
        await Assert.ThrowsAsync<Xunit.Sdk.TrueException>(stranger.RequirePassAsync);
    }

    [Fact]
    public async Task Two_nodes_find_each_other_by_IPv6_alone()
    {
        await using var machines = await NetworkNamespaces.CreateAsync(2);
        await machines.RemoveIPv4Async(0);
        await machines.RemoveIPv4Async(1);
        await using var one = StartNode(machines, 0);
        await using var other = StartNode(machines, 1);

        Assert.StartsWith("/ip6/fd77::2/tcp/", await one.ListenAsync("found", Timeout), StringComparison.Ordinal);
        Assert.StartsWith("/ip6/fd77::1/tcp/", await other.ListenAsync("found", Timeout), StringComparison.Ordinal);
        await one.ListenAsync("dialed", Timeout);
        await other.ListenAsync("dialed", Timeout);
        await one.RequirePassAsync();
        await other.RequirePassAsync();
    }

    // What a child does.
    private static async Task RunNodeAsync()
    {
        var token = SwarmToken.Parse(Environment.GetEnvironmentVariable(TokenVariable)!);
        var ended = ChildTest.WaitForEndAsync();
        using var identity = Identity.Generate();
        await using var peer = new LocalPeer(identity, TestPeer.Patiently(LocalPeerOptions.For(token)));
        await peer.StartListenAsync([Multiaddress.Parse("/ip4/0.0.0.0/tcp/0"), Multiaddress.Parse("/ip6/::/tcp/0")]);
        var found = Channel.CreateUnbounded<DiscoveredPeer>();
        await using var discovery = new MdnsDiscovery(new SwarmKeys(token), peer.PeerId, () => peer.ListenAddresses, new());
        var running = discovery.RunAsync(each => found.Writer.TryWrite(each), TestContext.Current.CancellationToken);
        ChildTest.Say("self", peer.PeerId.ToString());

        var first = found.Reader.ReadAsync().AsTask();
        Assert.Same(first, await Task.WhenAny(first, ended));
        var addresses = (await first).Addresses;
        ChildTest.Say("found", string.Join(' ', addresses));
        var session = await peer.DialAsync(addresses[0]);
        ChildTest.Say("dialed", session.RemotePeer.ToString());

        await ended;
        await discovery.DisposeAsync();
        await running;
    }

    private ChildTest StartNode(NetworkNamespaces machines, int machine, SwarmToken? token = null) => ChildTest.Start(
        typeof(MdnsNamespaceTests),
        [(TokenVariable, (token ?? _token).Reveal())],
        machines.Launcher(machine),
        nameof(Two_nodes_find_each_other_by_all_their_addresses));

    private Task<JsPeer> StartJsAsync(NetworkNamespaces machines, int machine)
    {
        var keys = new SwarmKeys(_token);
        var tag = keys.MdnsTag(DateOnly.FromDateTime(DateTime.UtcNow));
        return JsPeer.StartAsync(new(keys.PreSharedKey.ToArray(), keys.Prologue.ToArray())
        {
            ListenAddress = $"/ip4/{NetworkNamespaces.Address(machine)}/tcp/0",
            MdnsService = $"_p2p-{tag}._udp.local",
            Launcher = machines.Launcher(machine),
        });
    }
}
