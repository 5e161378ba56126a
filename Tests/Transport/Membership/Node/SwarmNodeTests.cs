using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Membership.Node;

/// <summary>Members over real sockets of this machine.</summary>
public sealed class SwarmNodeTests : IDisposable
{
    private readonly SwarmToken _token = SwarmToken.Generate();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "managedswarm-tests-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_token_that_a_node_hands_on_is_all_that_another_one_needs()
    {
        await using var first = await TestNode.StartAsync(_token);
        await using var second = await TestNode.StartAsync(SwarmToken.Parse(first.Swarm.Token.Reveal()));
        await first.SeeAsync(second);
        await second.SeeAsync(first);

        var seen = second.SeenBy(first)!;
        Assert.Equal(("test", "0.1.0", 2, 1 << 20), (seen.Facts.Name, seen.Facts.Version, seen.Facts.Cores, seen.Facts.FreeMemory));
        Assert.Equal(second.Swarm.Addresses, seen.Facts.Addresses);
        Assert.True(seen.IsConnected);
        Assert.NotNull(seen.RemoteAddress);
        Assert.Equal([first.Id, second.Id], first.Swarm.Members.Select(member => member.Id));
        Assert.Equal([true, false], first.Swarm.Members.Select(member => member.IsSelf));
    }

    [Fact]
    public async Task Another_token_lets_nobody_in()
    {
        await using var first = await TestNode.StartAsync(_token);
        await using var stranger = await TestNode.StartAsync(SwarmToken.Generate([first.Address]));
        await TestPeer.UntilAsync(() => stranger.Swarm.Trials.Count > 0);

        Assert.Equal("handshake_failed", stranger.Swarm.Trials[0].Code);
        Assert.Single(first.Swarm.Members);
        Assert.Single(stranger.Swarm.Members);
    }

    [Fact]
    public async Task Nodes_of_one_user_on_one_machine_find_each_other_by_a_folder()
    {
        await using var first = await TestNode.StartAsync(_token, change: UseFolder);
        await using var second = await TestNode.StartAsync(_token, change: UseFolder);
        await first.SeeAsync(second);
        await second.SeeAsync(first);
    }

    [Fact]
    public async Task Nodes_that_know_only_one_of_them_all_see_each_other()
    {
        var nodes = new List<TestNode> { await TestNode.StartAsync(_token) };
        try
        {
            var token = nodes[0].Swarm.Token;
            for (var i = 1; i < 8; i++)
            {
                nodes.Add(await TestNode.StartAsync(token));
            }

            foreach (var node in nodes)
            {
                await node.SeeAsync([.. nodes.Where(other => other != node)]);
            }
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task What_a_node_says_anew_gets_to_the_others()
    {
        var name = "before";
        await using var first = await TestNode.StartAsync(_token, change: options => options with { Facts = () => options.Facts() with { Name = name } });
        await using var second = await TestNode.StartAsync(first.Swarm.Token);
        await second.SeeAsync(first);
        name = "after";
        first.Swarm.Announce();
        await TestPeer.UntilAsync(() => first.SeenBy(second)!.Facts.Name == "after");
    }

    [Fact]
    public async Task A_node_that_leaves_says_so()
    {
        await using var first = await TestNode.StartAsync(_token);
        await using var second = await TestNode.StartAsync(first.Swarm.Token);
        await first.SeeAsync(second);
        await second.SeeAsync(first);
        await second.DisposeAsync();
        await first.HearAsync(second.Id, SwarmEventKind.Left);
        Assert.Equal(MemberState.Left, second.SeenBy(first)!.State);
    }

    [Fact]
    public async Task A_restarted_node_is_back_under_its_id_by_what_it_remembers()
    {
        using var identity = Identity.Generate();
        await using var first = await TestNode.StartAsync(_token);
        var second = await TestNode.StartAsync(first.Swarm.Token, identity, Remember);
        await second.SeeAsync(first);
        await first.SeeAsync(second);
        await second.DisposeAsync();
        await first.HearAsync(second.Id, SwarmEventKind.Left);

        // The token names nobody now.
        await using var again = await TestNode.StartAsync(_token, identity, Remember);
        await again.SeeAsync(first);
        await first.HearAsync(again.Id, SwarmEventKind.Joined, SwarmEventKind.Returned);
        Assert.Equal(MemberState.Alive, again.SeenBy(first)!.State);
    }

    [Fact]
    public async Task Members_are_found_through_the_dht()
    {
        await using var first = await TestNode.StartAsync(_token, change: options => options with { UsesDht = true });
        await using var second = await TestNode.StartAsync(first.Swarm.Token, change: options => options with { UsesDht = true });
        await using var third = await TestNode.StartAsync(second.Swarm.Token.WithBootstrap([second.Address]), change: options => options with { UsesDht = true });
        await third.SeeAsync(first, second);
        await first.SeeAsync(second, third);
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_leaves_nothing_behind()
    {
        await using var first = await TestNode.StartAsync(_token);
        var taken = Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{first.Address.TcpPort}");
        var exception = await Assert.ThrowsAsync<SwarmException>(() =>
            TestNode.StartAsync(_token, change: options => options with { ListenAddresses = [taken] }));
        Assert.Equal("listen_failed", exception.Code);
    }

    private SwarmOptions UseFolder(SwarmOptions options) => options with { RegistryFolder = _folder };

    private SwarmOptions Remember(SwarmOptions options) => options with { PeerCacheFile = Path.Combine(_folder, "peers") };
}
