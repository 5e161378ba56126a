using System.Net;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.Commands;

/// <summary><c>federated</c>, and <c>run</c> as an instance and a router.</summary>
public sealed class FederatedCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_router_is_a_member_and_serves_without_a_model()
    {
        await using var run = new RecordedRun(["federated", "--token", TestTokens.Plain, "--address", "127.0.0.1:0"]);
        using var http = new HttpClient { BaseAddress = await run.ListeningAsync() };

        Assert.Equal([NodeRole.Router], run.Swarm!.Members[0].Facts.Roles);
        Assert.Equal("""{"object":"list","data":[]}""", await http.GetStringAsync("/v1/models", Cancellation));
        using var ready = await http.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        await run.TerminateAsync();
        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.True(run.Swarm.Left.IsCompleted);
    }

    [Theory]
    [InlineData("--federated", "head instance")]
    [InlineData("--federated --route", "head instance router")]
    [InlineData("", "head")]
    public async Task An_instance_says_what_it_is(string options, string roles)
    {
        await using var run = new RecordedRun(
            ["run", "m.gguf", "--address", "127.0.0.1:0", "--token", TestTokens.Plain, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        await run.ListeningAsync();

        Assert.Equal(roles.Split(' '), run.Swarm!.Members[0].Facts.Roles);
    }

    [Theory]
    [InlineData("LOCALAI_FEDERATED", "true")]
    [InlineData("FEDERATED", "1")]
    public async Task Understands_the_variables_of_LocalAI(string variable, string value)
    {
        await using var run = new RecordedRun(
            ["run", "m.gguf", "--address", "127.0.0.1:0"],
            new Dictionary<string, string> { ["TOKEN"] = TestTokens.Plain, [variable] = value, ["MACHINE_TAG"] = "my desk" });
        using var http = new HttpClient { BaseAddress = await run.ListeningAsync() };

        Assert.Contains(NodeRole.Instance, run.Swarm!.Members[0].Facts.Roles);
        using var answer = await http.GetAsync("/v1/models", Cancellation);
        Assert.Equal("my desk", Assert.Single(answer.Headers.GetValues("Machine-Tag")));
        Assert.False(answer.Headers.Contains("X-ManagedSwarm-Node"));
    }

    [Fact]
    public async Task An_instance_that_ends_says_that_it_has_no_model_any_more()
    {
        await using var run = new RecordedRun(["run", "m.gguf", "--address", "127.0.0.1:0", "--token", TestTokens.Plain, "--federated"]);
        await run.ListeningAsync();
        await run.Swarm!.AnnouncedAsync(times: 1);
        await run.TerminateAsync();
        Assert.Equal(0, await run.ExitCodeAsync());

        await run.Swarm.AnnouncedAsync(times: 1);
        Assert.Empty(run.Swarm.Options.Facts().Models);
    }

    [Theory]
    [InlineData("federated", "expected the swarm's token: --token TOKEN or MANAGEDSWARM_TOKEN")]
    [InlineData("federated model.gguf --p2p", "unexpected 'model.gguf'")]
    [InlineData("federated --p2p --policy best", "--policy: expected 'balanced', 'least-busy', 'prefix', 'random' or 'target', found 'best'")]
    [InlineData("federated --p2p --policy target", "--policy target: expected --target-worker ID, too")]
    [InlineData("federated --p2p --policy random --target-worker a", "--target-worker: expected --policy target or none")]
    [InlineData("federated --p2p --random-worker --target-worker a", "--random-worker: expected no other policy")]
    [InlineData("run --p2p --route", "--route: expected --federated, too")]
    [InlineData("run --machine-tag ä", "--machine-tag: expected 1 to 128 visible ASCII characters")]
    public async Task Says_what_it_expects(string args, string says)
    {
        await using var run = new RecordedRun(args.Split(' '));

        Assert.Contains(says, await run.FailsAsync(2), StringComparison.Ordinal);
    }
}
