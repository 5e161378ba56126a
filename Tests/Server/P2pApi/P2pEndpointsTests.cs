using System.Net;
using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.P2pApi;

public sealed class P2pEndpointsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_nodes_in_the_shapes_that_LocalAI_really_sends()
    {
        await using var node = await SwarmServer.StartAsync();
        var worker = FakeSwarms.Member("w", MemberState.Alive, NodeRole.Worker) with { RemoteAddress = Multiaddress.Parse("/ip4/192.0.2.9/tcp/1") };
        node.Swarm.Others.AddRange([worker, FakeSwarms.Member("i", MemberState.Lost, NodeRole.Instance)]);

        var ledger = await node.GetAsync("/api/p2p");
        Assert.Equal(["federated_nodes", "llama_cpp_nodes", "mlx_nodes"], Names(ledger));
        var entry = Assert.Single(ledger["llama_cpp_nodes"]!.AsArray())!;
        Assert.Equal(["ID", "LastSeen", "Name", "ServiceID", "TunnelAddress"], Names(entry));
        Assert.Equal((worker.Id.ToString(), "w", "/ip4/192.0.2.9/tcp/1"), ((string)entry["ID"]!, (string)entry["Name"]!, (string)entry["TunnelAddress"]!));
        Assert.Equal("i", (string)Assert.Single(ledger["federated_nodes"]!.AsArray())!["Name"]!);
        Assert.Empty(ledger["mlx_nodes"]!.AsArray());

        var workers = await node.GetAsync("/api/p2p/workers");
        Assert.Equal(["llama_cpp", "mlx", "nodes"], Names(workers));
        var listed = Assert.Single(workers["nodes"]!.AsArray())!;
        Assert.Equal(["id", "isOnline", "lastSeen", "name", "serviceID", "tunnelAddress"], Names(listed));
        Assert.True(JsonNode.DeepEquals(workers["llama_cpp"]!["nodes"], workers["nodes"]));
        Assert.Empty(workers["mlx"]!["nodes"]!.AsArray());
        Assert.True((bool)listed["isOnline"]!);

        var federation = await node.GetAsync("/api/p2p/federation");
        Assert.Equal(["nodes"], Names(federation));
        Assert.False((bool)Assert.Single(federation["nodes"]!.AsArray())!["isOnline"]!);
    }

    [Fact]
    public async Task Tells_when_a_node_was_seen_by_its_own_clock()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(FakeSwarms.Member("w", MemberState.Alive, NodeRole.Worker) with { SinceSeen = TimeSpan.FromHours(2) });

        var seen = (string)(await node.GetAsync("/api/p2p/workers"))["nodes"]![0]!["lastSeen"]!;

        Assert.EndsWith("Z", seen, StringComparison.Ordinal);
        Assert.InRange(DateTimeOffset.Parse(seen, null), DateTimeOffset.UtcNow.AddHours(-3), DateTimeOffset.UtcNow.AddHours(-1));
    }

    [Fact]
    public async Task Counts_nodes_but_not_those_that_have_left()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.AddRange(
        [
            FakeSwarms.Member("a", MemberState.Alive, NodeRole.Worker),
            FakeSwarms.Member("b", MemberState.Suspect, NodeRole.Worker),
            FakeSwarms.Member("c", MemberState.Lost, NodeRole.Worker),
            FakeSwarms.Member("d", MemberState.Left, NodeRole.Worker),
            FakeSwarms.Member("e", MemberState.Alive, NodeRole.Instance, NodeRole.Worker),
        ]);

        var stats = await node.GetAsync("/api/p2p/stats");

        Assert.Equal(
            """{"llama_cpp_workers":{"online":3,"total":4},"federated":{"online":1,"total":1},"mlx_workers":{"online":0,"total":0}}""",
            stats.ToJsonString());
    }

    [Fact]
    public async Task Shows_the_token_with_this_nodes_addresses_as_plain_text()
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Http.GetAsync("/api/p2p/token", Cancellation);

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(node.Swarm.Addresses, SwarmToken.Parse(await response.Content.ReadAsStringAsync(Cancellation)).Bootstrap);
    }

    [Fact]
    public async Task Shows_nothing_where_p2p_is_off()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal("", await server.Http.GetStringAsync("/api/p2p/token", Cancellation));
        Assert.Equal("""{"nodes":[]}""", await server.Http.GetStringAsync("/api/p2p/federation", Cancellation));
        Assert.StartsWith("""{"enabled":false,""", await server.Http.GetStringAsync("/api/swarm", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_all_that_is_known_of_members()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(FakeSwarms.Member("Wörker", MemberState.Suspect, NodeRole.Worker) with
        {
            IsConnected = true,
            RoundTrip = TimeSpan.FromMilliseconds(2.5),
            RemoteAddress = Multiaddress.Parse("/ip4/192.0.2.9/tcp/1"),
        });

        var swarm = await node.GetAsync("/api/swarm");

        Assert.True((bool)swarm["enabled"]!);
        Assert.Equal(node.Swarm.Self.ToString(), (string)swarm["self"]!);
        Assert.Equal(new SwarmKeys(node.Swarm.Options.Token).Network, (string)swarm["network"]!);
        Assert.DoesNotContain("mswarm1:", swarm.ToJsonString(), StringComparison.Ordinal);
        var (self, other) = (swarm["members"]![0]!, swarm["members"]![1]!);
        Assert.True((bool)self["is_self"]!);
        Assert.Equal((8, 16L << 30, 12L << 30), ((int)self["cores"]!, (long)self["total_memory"]!, (long)self["free_memory"]!));
        Assert.Equal(("Wörker", "suspect", 0.0025, 1.5), ((string)other["name"]!, (string)other["state"]!, (double)other["round_trip_seconds"]!, (double)other["seconds_since_seen"]!));
        Assert.Equal((7UL, "9.9.9", "/ip4/192.0.2.9/tcp/1"), ((ulong)other["sequence"]!, (string)other["version"]!, (string)other["remote_address"]!));
        Assert.Null(self["round_trip_seconds"]);
    }

    [Fact]
    public async Task Shows_how_its_model_is_spread_and_how_fast_that_is()
    {
        await using var node = await SwarmServer.StartAsync();
        Assert.False((await node.GetAsync("/api/swarm")).AsObject().ContainsKey("split"));
        node.Server.Server.Models.Stages = new FakeModelStages
        {
            Split = new("q8", [new("id-1", "desk", 0, 4, 0.5), new("id-2", "lap", 4, 8, null)], 2.5, 3, 37, null, [new("id-3", "shed", true)]),
        };

        var split = (await node.GetAsync("/api/swarm"))["split"]!;

        Assert.Equal(
            """{"wire":"q8","stages":[{"id":"id-1","name":"desk","first":0,"end":4,"seconds_per_layer":0.5},"""
            + """{"id":"id-2","name":"lap","first":4,"end":8}],"predicted_seconds_per_token":2.5,"seconds_per_token":3,"prompt_tokens":37,"""
            + "\"spares\":[{\"id\":\"id-3\",\"name\":\"shed\",\"ready\":true}]}",
            split.ToJsonString());
    }

    [Fact]
    public async Task Shows_the_load_of_its_generator()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Server.Generator.Load = new(3, 2);

        var load = (await node.GetAsync("/api/swarm"))["members"]![0]!["load"]!;

        Assert.Equal("""{"in_flight":3,"queued":2}""", load.ToJsonString());
    }

    [Fact]
    public async Task Shows_the_addresses_that_were_tried()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Trials =
        [
            new(Multiaddress.Parse("/ip4/192.0.2.9/tcp/1"), "mdns", DateTimeOffset.UnixEpoch, "unreachable", "refused"),
            new(Multiaddress.Parse("/ip4/192.0.2.9/tcp/2"), "cache", DateTimeOffset.UnixEpoch, null, null),
        ];

        Assert.Equal(
            """{"trials":[{"address":"/ip4/192.0.2.9/tcp/1","source":"mdns","at":"1970-01-01T00:00:00Z","code":"unreachable","reason":"refused"},"""
            + """{"address":"/ip4/192.0.2.9/tcp/2","source":"cache","at":"1970-01-01T00:00:00Z","code":null,"reason":null}]}""",
            (await node.GetAsync("/api/swarm/trials")).ToJsonString());
    }

    [Theory]
    [InlineData("self", HttpStatusCode.OK)]
    [InlineData("other", HttpStatusCode.BadGateway)]
    [InlineData("twin", HttpStatusCode.NotFound)]
    [InlineData("nobody", HttpStatusCode.NotFound)]
    public async Task Drains_itself_and_those_that_it_reaches(string peer, HttpStatusCode expected)
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.AddRange([FakeSwarms.Member("other"), FakeSwarms.Member("twin"), FakeSwarms.Member("twin")]);
        var swarm = node.Swarm;

        using var response = await node.Http.PostAsync($"/api/swarm/drain/{peer}", null, Cancellation);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, swarm.Left.IsCompleted);
        Assert.Equal(expected != HttpStatusCode.OK, swarm.HasListeners);
        using var again = await node.Http.PostAsync("/api/swarm/drain/self", null, Cancellation);
        Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.Conflict : HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("""{"model": "unknown"}""", HttpStatusCode.NotFound, "model_not_found")]
    [InlineData("""{}""", HttpStatusCode.BadRequest, "missing_required_parameter")]
    [InlineData("""{"model": "fake", "now": true}""", HttpStatusCode.BadRequest, "unknown_parameter")]
    public async Task Refuses_to_unload_what_is_not_here(string body, HttpStatusCode status, string code)
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Server.PostAsync("/api/swarm/unload", body);
        var error = await OpenAi.ErrorReply.ReadAsync(response);

        Assert.Equal((status, code), (error.Status, error.Code));
    }

    [Fact]
    public async Task Unloads_the_model_that_it_serves()
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Server.PostAsync("/api/swarm/unload", $$"""{"model": "{{FakeModel.DefaultId}}"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var ready = await node.Http.GetAsync("/readyz", Cancellation);
        Assert.Equal("model_unloaded", (await OpenAi.ErrorReply.ReadAsync(ready)).Code);
    }

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal);
}
