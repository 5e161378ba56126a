using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Tests.Transport.Diagnostics.Doctor;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Tests.Server.Commands;

[Trait("Tier", "Loopback")]
public sealed class SwarmDoctorCommandTests : IDisposable
{
    private readonly RefusedPort _closed = new();

    private string NoNode => $"127.0.0.1:{_closed.EndPoint.Port}";

    public void Dispose() => _closed.Dispose();

    [Fact]
    public async Task Works_without_a_node()
    {
        var plain = SwarmToken.Generate();
        await using var node = await DoctorNode.StartAsync(plain);
        var token = plain.WithBootstrap([node.Address]).Reveal();
        await using var run = new RecordedRun(["swarm", "doctor", "--token", token, "--address", NoNode]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("without a node: nothing answers at", run.Output, StringComparison.Ordinal);
        Assert.Contains(node.Id.ToString(), run.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was found that keeps nodes apart.", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(token, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_what_to_do_and_fails()
    {
        var token = SwarmToken.Generate().Reveal();
        await using var run = new RecordedRun(
            ["swarm", "doctor", "--address", NoNode, "--p2p-bootstrap", $"/ip4/127.0.0.1/tcp/{_closed.EndPoint.Port}"],
            new Dictionary<string, string> { ["MANAGEDSWARM_TOKEN"] = token });

        Assert.Equal(1, await run.ExitCodeAsync());
        Assert.Contains("error: dead_bootstrap", run.Output, StringComparison.Ordinal);
        Assert.Contains("  do:    start a node at one of them", run.Output, StringComparison.Ordinal);
        Assert.Contains("Something keeps nodes apart.", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Prints_json()
    {
        var token = SwarmToken.Generate();
        await using var node = await DoctorNode.StartAsync(SwarmToken.Generate());
        await using var run = new RecordedRun(
            ["swarm", "doctor", node.Address.ToString(), "--token", token.Reveal(), "--address", NoNode, "--json"]);

        Assert.Equal(1, await run.ExitCodeAsync());
        var json = JsonNode.Parse(run.Output)!;
        Assert.False((bool)json["healthy"]!);
        Assert.Equal(node.Address.ToString(), (string?)json["asked"]);
        Assert.Equal("another_token", (string?)Assert.Single(json["addresses"]!.AsArray())!["outcome"]);
        Assert.Contains(json["findings"]!.AsArray(), finding => (string?)finding!["code"] == "another_token" && (string?)finding["severity"] == "error");
    }

    [Fact]
    public async Task A_part_of_the_swarm_is_another_swarm()
    {
        var token = SwarmToken.Generate();
        await using var node = await DoctorNode.StartAsync(token.InSubnetwork("kitchen"));
        string[] args = ["swarm", "doctor", node.Address.ToString(), "--token", token.Reveal(), "--address", NoNode];
        await using var without = new RecordedRun(args);
        await using var with = new RecordedRun([.. args, "--p2p-network-id", "kitchen"]);

        Assert.Equal((1, 0), (await without.ExitCodeAsync(), await with.ExitCodeAsync()));
    }

    [Fact]
    public async Task Takes_the_token_and_the_view_of_the_node_that_runs_here()
    {
        await using var server = await SwarmServer.StartAsync();
        await using var member = await DoctorNode.StartAsync(server.Swarm.Token);
        await using var run = new RecordedRun(
            ["swarm", "doctor", member.Address.ToString(), "--address", server.Http.BaseAddress!.Authority, "--json"]);

        // The fake node listens nowhere: the member cannot dial it back.
        Assert.Equal(1, await run.ExitCodeAsync());
        var json = JsonNode.Parse(run.Output)!;
        Assert.Equal(server.Swarm.Self.ToString(), (string?)json["node"]);
        Assert.Contains(json["findings"]!.AsArray(), finding => (string?)finding!["code"] == "one_way" && (string?)finding["severity"] == "error");
        Assert.Contains(json["findings"]!.AsArray(), finding => (string?)finding!["code"] == "node_alone");
    }

    [Fact]
    public async Task Tries_the_nodes_of_this_user_on_this_machine()
    {
        using var folder = new TemporaryFolder();
        var token = SwarmToken.Generate();
        await using var node = await DoctorNode.StartAsync(token);
        using var stop = new CancellationTokenSource();
        await using var registry = new RegistryDiscovery(
            folder.Path, new SwarmKeys(token).Network, node.Id, () => node.Peer.ListenAddresses, TimeProvider.System, NullLogger.Instance);
        var running = registry.RunAsync(_ => { }, stop.Token);
        await TestPeer.UntilAsync(() => RegistryFolder.Read(folder.Path, new SwarmKeys(token).Network).Count == 1);

        await using var run = new RecordedRun(
            ["swarm", "doctor", "--token", token.Reveal(), "--address", NoNode, "--json"],
            configure: context => context with { Folders = context.Folders with { Registry = folder.Path } });

        Assert.Equal(0, await run.ExitCodeAsync());
        var tried = Assert.Single(JsonNode.Parse(run.Output)!["addresses"]!.AsArray())!;
        Assert.Equal((node.Address.ToString(), "registry", "connected"), ((string)tried["address"]!, (string)tried["source"]!, (string)tried["outcome"]!));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(RegistryFolder.Read(folder.Path, new SwarmKeys(token).Network));
        Assert.Empty(RegistryFolder.Read(folder.File("none"), new SwarmKeys(token).Network));
        Assert.False(Directory.Exists(folder.File("none")));
    }

    [Fact]
    public async Task Wants_a_token_where_no_node_has_one()
    {
        await using var run = new RecordedRun(["swarm", "doctor", "--address", NoNode]);

        Assert.Contains("expected --token", await run.FailsAsync(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_of_whom_nobody_knows_is_one_finding()
    {
        using var identity = Identity.Generate();
        await using var run = new RecordedRun(
            ["swarm", "doctor", identity.PeerId.ToString(), "--token", SwarmToken.Generate().Reveal(), "--address", NoNode]);

        Assert.Equal(1, await run.ExitCodeAsync());
        Assert.Contains("error: unknown_peer", run.Output, StringComparison.Ordinal);
    }
}
