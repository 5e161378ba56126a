using System.Net;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.P2pApi;

public sealed class SettingsTests
{
    private const string Path = "/api/settings";

    [Fact]
    public async Task Shows_the_token_the_part_and_no_more()
    {
        await using var node = await SwarmServer.StartAsync();

        var settings = await node.GetAsync(Path);

        Assert.Equal(["federated", "p2p_network_id", "p2p_token"], settings.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(node.Swarm.Token.Reveal(), (string)settings["p2p_token"]!);
    }

    [Fact]
    public async Task Starts_changes_and_stops_p2p_live()
    {
        await using var node = await SwarmServer.StartAsync(joined: false);
        Assert.Equal("", (string)(await node.GetAsync(Path))["p2p_token"]!);

        var begun = await node.Server.PostOkAsync(Path, """{"p2p_token": "0"}""");
        var first = node.Swarm;
        Assert.Equal(first.Token.Reveal(), (string)begun["p2p_token"]!);
        Assert.True((bool)begun["success"]!);

        await node.Server.PostOkAsync(Path, $$"""{"p2p_token": "{{TestTokens.Plain}}", "p2p_network_id": "lab"}""");
        var second = node.Swarm;
        Assert.True(first.Left.IsCompleted);
        Assert.Equal(SwarmToken.Parse(TestTokens.Plain).InSubnetwork("lab"), second.Options.Token);
        Assert.Equal(first.Self, second.Self);

        await node.Server.PostOkAsync(Path, """{"p2p_network_id": ""}""");
        var third = node.Swarm;
        Assert.True(second.Left.IsCompleted);
        Assert.Equal(SwarmToken.Parse(TestTokens.Plain), third.Options.Token);

        var stopped = await node.Server.PostOkAsync(Path, """{"p2p_token": "", "federated": false}""");
        Assert.True(third.Left.IsCompleted);
        Assert.Null(node.Service.Current);
        Assert.Equal(("P2P is off", ""), ((string)stopped["message"]!, (string)stopped["p2p_token"]!));
    }

    [Fact]
    public async Task A_new_token_is_new_each_time()
    {
        await using var node = await SwarmServer.StartAsync();
        var first = node.Swarm.Options.Token;

        await node.Server.PostOkAsync(Path, """{"p2p_token": "0"}""");

        Assert.False(first.HasSameRoot(node.Swarm.Options.Token));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"p2p_network_id": ""}""")]
    public async Task Nothing_new_restarts_nothing(string body)
    {
        await using var node = await SwarmServer.StartAsync();
        var swarm = node.Swarm;

        await node.Server.PostOkAsync(Path, body);

        Assert.Same(swarm, node.Swarm);
        Assert.False(swarm.Left.IsCompleted);
    }

    [Theory]
    [InlineData("""{"p2p_token": "mswarm1:secret"}""", "invalid_value", "p2p_token")]
    [InlineData("""{"p2p_token": 0}""", "invalid_type", "p2p_token")]
    [InlineData("""{"p2p_network_id": "a\nb"}""", "invalid_value", "p2p_network_id")]
    [InlineData("""{"federated": true}""", "unsupported_parameter", "federated")]
    [InlineData("""{"watchdog": true}""", "unknown_parameter", "watchdog")]
    [InlineData("""[]""", "invalid_json", null)]
    public async Task Refuses_what_cannot_be_and_changes_nothing(string body, string code, string? param)
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Server.PostAsync(Path, body);
        var error = await OpenAi.ErrorReply.ReadAsync(response);

        Assert.Equal((HttpStatusCode.BadRequest, code, param), (error.Status, error.Code, error.Param));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.False(node.Swarm.Left.IsCompleted);
    }

    [Fact]
    public async Task Takes_only_json()
    {
        await using var node = await SwarmServer.StartAsync();
        using var form = new StringContent("""{"p2p_token": ""}""", null, "text/plain");

        using var response = await node.Http.PostAsync(Path, form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.NotNull(node.Service.Current);
    }

    [Fact]
    public async Task Says_why_p2p_cannot_start_and_can_be_asked_again()
    {
        using var folder = new TemporaryFolder();
        var isBroken = true;
        await using var node = await SwarmServer.StartAsync(
            options => options with
            {
                Swarm = FakeSwarms.Setup(folder) with
                {
                    Start = (swarm, _) => isBroken
                        ? throw new SwarmException("listen_failed", "the port is in use")
                        : Task.FromResult<ISwarm>(new FakeSwarm(swarm)),
                },
            },
            joined: false);

        using var response = await node.Server.PostAsync(Path, """{"p2p_token": "0"}""");
        var error = await OpenAi.ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.InternalServerError, "p2p_start_failed"), (error.Status, error.Code));
        Assert.Contains("the port is in use", error.Message, StringComparison.Ordinal);
        Assert.Null(node.Service.Current);

        isBroken = false;
        await node.Server.PostOkAsync(Path, """{"p2p_token": "0"}""");
        Assert.NotNull(node.Service.Current);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Programs_find_out_whether_p2p_is_on_without_a_key(bool joined)
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("good")] }, joined);

        var found = await node.GetAsync("/.well-known/localai.json");

        Assert.Equal(joined, (bool)found["capabilities"]!["p2p"]!);
        Assert.Equal("/api/p2p/workers", (string)found["endpoints"]!["p2p_workers"]!);
        Assert.DoesNotContain("mswarm1:", found.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_the_server_leaves_the_swarm()
    {
        FakeSwarm swarm;
        await using (var node = await SwarmServer.StartAsync())
        {
            swarm = node.Swarm;
        }

        Assert.True(swarm.Left.IsCompleted);
        Assert.False(swarm.HasListeners);
    }
}
