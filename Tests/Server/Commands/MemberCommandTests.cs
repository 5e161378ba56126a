using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Commands;

/// <summary><c>run</c> and <c>worker</c> as members of a swarm.</summary>
public sealed partial class MemberCommandTests
{
    private const string LocalAiToken = "b3RwOgogIGRodDoKICAgIGludGVydmFsOiAzNjAKcm9vbTogYWJjCg==";

    private static readonly SwarmToken Token = SwarmToken.Parse(TestTokens.Plain);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stays_alone_unless_it_is_asked()
    {
        await using var run = Run([]);
        await run.ListeningAsync();

        Assert.Null(run.Swarm);
    }

    [Fact]
    public async Task Begins_a_swarm_and_prints_the_command_for_the_next_machine()
    {
        await using var first = Run(["--p2p", "--p2p-network-id", "the 'back' office", "--node-name", "one"]);
        await first.ListeningAsync();
        var printed = first.Output.Split('\n').Single(line => line.StartsWith("  managedswarm ", StringComparison.Ordinal)).Trim();

        var words = ShellWords().Matches(printed).Select(word => Unquote(word.Value)).ToArray();
        Assert.Equal("managedswarm", words[0]);
        await using var next = new RecordedRun(words[1..]);
        await next.JoinedAsync();

        Assert.Equal(first.Swarm!.Options.Token.Subnetwork, next.Swarm!.Options.Token.Subnetwork);
        Assert.Equal(new SwarmKeys(first.Swarm.Options.Token).Network, new SwarmKeys(next.Swarm.Options.Token).Network);
        Assert.Equal(first.Swarm.Addresses, next.Swarm.Options.Token.Bootstrap);
        Assert.Equal([NodeRole.Head], first.Swarm.Members[0].Facts.Roles);
        Assert.Equal([NodeRole.Worker], next.Swarm.Members[0].Facts.Roles);
        Assert.Contains("Began a new swarm as one (12D3KooW", first.Output, StringComparison.Ordinal);
        Assert.Contains("Joined the swarm as ", next.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mswarm1:", first.Error + next.Output + next.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--token")]
    [InlineData("--p2p-token")]
    [InlineData("--p2ptoken")]
    public async Task Joins_by_a_token_alone_and_never_prints_it(string option)
    {
        await using var run = Run([option, TestTokens.Plain, "--log-level", "debug"]);
        await run.ListeningAsync();
        await run.TerminateAsync();

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(Token, run.Swarm!.Options.Token);
        Assert.True(run.Swarm.Left.IsCompleted);
        Assert.DoesNotContain("mswarm1:", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TOKEN")]
    [InlineData("P2P_TOKEN", "TOKEN")]
    [InlineData("LOCALAI_P2P_TOKEN", "P2P_TOKEN", "TOKEN")]
    [InlineData("MANAGEDSWARM_TOKEN", "LOCALAI_P2P_TOKEN", "P2P_TOKEN", "TOKEN")]
    public async Task Takes_the_token_from_the_first_variable_that_is_set(params string[] variables)
    {
        var environment = variables.ToDictionary(name => name, name => name == variables[0] ? TestTokens.Plain : SwarmToken.Generate().Reveal());
        await using var run = Run([], environment);
        await run.ListeningAsync();

        Assert.Equal(Token, run.Swarm!.Options.Token);
    }

    [Fact]
    public async Task Takes_the_option_before_all_variables()
    {
        await using var run = Run(["--token", TestTokens.Plain], new() { ["MANAGEDSWARM_TOKEN"] = SwarmToken.Generate().Reveal(), ["TOKEN"] = "other" });
        await run.ListeningAsync();

        Assert.Equal(Token, run.Swarm!.Options.Token);
    }

    [Fact]
    public async Task Serves_although_a_variable_named_TOKEN_is_something_else()
    {
        await using var run = Run([], new() { ["TOKEN"] = "ghp_secret" });
        await run.ListeningAsync();

        Assert.Null(run.Swarm);
        Assert.Contains("warning: the variable TOKEN is ignored: the swarm token cannot be used", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_secret", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LOCALAI_P2P", "true", true)]
    [InlineData("P2P", "1", true)]
    [InlineData("MANAGEDSWARM_P2P", "on", true)]
    [InlineData("LOCALAI_P2P", "false", false)]
    public async Task Is_turned_on_by_a_variable(string variable, string value, bool isOn)
    {
        await using var run = Run([], new() { [variable] = value });
        await run.ListeningAsync();

        Assert.Equal(isOn, run.Swarm is not null);
    }

    [Fact]
    public async Task Understands_the_variables_of_LocalAI()
    {
        await using var run = Run([], new()
        {
            ["TOKEN"] = TestTokens.Plain,
            ["LOCALAI_P2P_LISTEN_MADDRS"] = "/ip4/127.0.0.1/tcp/4001, /ip6/::1/tcp/4001",
            ["LOCALAI_P2P_DHT_ANNOUNCE_MADDRS"] = "/dns4/example.org/tcp/4001",
            ["LOCALAI_P2P_BOOTSTRAP_PEERS_MADDRS"] = "/ip4/192.0.2.7/tcp/1,/ip4/192.0.2.8/tcp/1",
            ["LOCALAI_P2P_DISABLE_DHT"] = "true",
            ["LOCALAI_P2P_ENABLE_LIMITS"] = "true",
            ["LOCALAI_P2P_NETWORK_ID"] = "lab",
        });
        await run.ListeningAsync();

        var options = run.Swarm!.Options;
        Assert.Equal(["/ip4/127.0.0.1/tcp/4001", "/ip6/::1/tcp/4001"], options.ListenAddresses.Select(address => address.ToString()));
        Assert.Equal(["/dns4/example.org/tcp/4001"], options.AnnounceAddresses.Select(address => address.ToString()));
        Assert.Equal(["/ip4/192.0.2.7/tcp/1", "/ip4/192.0.2.8/tcp/1"], options.Bootstrap.Select(address => address.ToString()));
        Assert.False(options.UsesDht);
        Assert.Equal(100, options.Limits.Connections);
        Assert.Equal("lab", options.Token.Subnetwork);
    }

    [Fact]
    public async Task Takes_our_variables_before_those_of_LocalAI()
    {
        await using var run = Run([], new()
        {
            ["TOKEN"] = TestTokens.Plain,
            ["MANAGEDSWARM_DHT"] = "on",
            ["LOCALAI_P2P_DISABLE_DHT"] = "true",
            ["MANAGEDSWARM_P2P_LIMITS"] = "off",
            ["LOCALAI_P2P_ENABLE_LIMITS"] = "true",
            ["MANAGEDSWARM_P2P_NETWORK_ID"] = "ours",
            ["P2P_NETWORK_ID"] = "theirs",
        });
        await run.ListeningAsync();

        Assert.True(run.Swarm!.Options.UsesDht);
        Assert.Equal(new LocalPeerLimits(), run.Swarm.Options.Limits);
        Assert.Equal("ours", run.Swarm.Options.Token.Subnetwork);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("--mdns off", "")]
    [InlineData("--mdns eth0 --mdns wlan0", "eth0 wlan0")]
    public async Task Looks_for_members_on_the_interfaces_that_are_named(string args, string? interfaces)
    {
        await using var run = Run(["--p2p", .. args.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        await run.ListeningAsync();

        Assert.Equal(interfaces?.Split(' ', StringSplitOptions.RemoveEmptyEntries), run.Swarm!.Options.MdnsInterfaces);
    }

    [Fact]
    public async Task Listens_on_one_fixed_port()
    {
        await using var run = Run(["--p2p", "--p2p-port", "4001"]);
        await run.ListeningAsync();

        string[] expected = Socket.OSSupportsIPv6 ? ["/ip4/0.0.0.0/tcp/4001", "/ip6/::/tcp/4001"] : ["/ip4/0.0.0.0/tcp/4001"];
        Assert.Equal(expected, run.Swarm!.Options.ListenAddresses.Select(address => address.ToString()));
    }

    [Theory]
    [InlineData("run --token mswarm1:secret", "--token: expected a token", "it is too short")]
    [InlineData("run --token " + LocalAiToken, "--token: expected a token", "it is a token of LocalAI")]
    [InlineData("run --p2p --p2p-port 1 --p2p-listen /ip4/127.0.0.1/tcp/2", "--p2p-listen and --p2p-port both say where to listen", "")]
    [InlineData("run --p2p-port 65536", "--p2p-port: expected a whole number from 0 to 65535", "")]
    [InlineData("run --p2p-listen /ip4/0.0.0.0/udp/4001/quic-v1", "--p2p-listen: expected an IP address and a TCP port", "")]
    [InlineData("run --p2p-bootstrap /dnsaddr/bootstrap.libp2p.io", "--p2p-bootstrap: expected a host and a TCP port", "")]
    [InlineData("run --mdns off --mdns eth0", "--mdns: expected 'off' alone", "")]
    [InlineData("run --dht maybe", "--dht: expected 'on' or 'off'", "found 'maybe'")]
    [InlineData("worker", "expected the swarm's token: --token TOKEN or MANAGEDSWARM_TOKEN", "--p2p to begin a new swarm")]
    [InlineData("worker model.gguf --p2p", "unexpected 'model.gguf'", "--help")]
    public async Task Says_what_it_expects(string args, string says, string alsoSays)
    {
        await using var run = new RecordedRun(args.Split(' '));

        var line = await run.FailsAsync(2);

        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains(alsoSays, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.DoesNotContain(LocalAiToken, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_why_it_cannot_join()
    {
        await using var run = new RecordedRun(
            ["worker", "--p2p"],
            configure: context => context with { StartSwarm = (_, _) => throw new ManagedSwarm.Transport.SwarmException("listen_failed", "the port is in use") });

        Assert.Contains("the port is in use", await run.FailsAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Announces_its_model_when_it_is_ready()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("m.gguf"), new byte[123], Cancellation);
        await using var run = Run(["--p2p", folder.File("m.gguf"), "--model-name", "mine", "--device", "torch-cpu"]);
        await run.ListeningAsync();

        var facts = run.Swarm!.Members[0].Facts;
        Assert.Equal(new ModelFacts("mine", "", 123), Assert.Single(facts.Models));
        await run.Swarm.AnnouncedAsync(times: 1);
        Assert.Equal("torch-cpu", facts.Device);
        Assert.Equal(Environment.MachineName, facts.Name);
        Assert.Equal("0.1.0", facts.Version);
        Assert.True(facts is { Cores: > 0, TotalMemory: > 0, FreeMemory: > 0 });
    }

    [Fact]
    public async Task Announces_the_hash_when_it_is_known()
    {
        var (asked, known) = (new TaskCompletionSource<string>(), new TaskCompletionSource<IdentifiedModel>());
        await using var run = Run(["--p2p", "m.gguf"], identify: async (path, cache, cancellation) =>
        {
            asked.SetResult(path);
            return await known.Task.WaitAsync(cancellation);
        });
        await run.ListeningAsync();

        Assert.Equal("m.gguf", await asked.Task.WaitAsync(Cancellation));
        Assert.Equal(new ModelFacts("fake", "", 0), Assert.Single(run.Swarm!.Members[0].Facts.Models));
        known.SetResult(new("abc", 7));
        await run.Swarm.AnnouncedAsync(times: 2);
        Assert.Equal(new ModelFacts("fake", "abc", 7), Assert.Single(run.Swarm.Members[0].Facts.Models));
    }

    [Fact]
    public async Task Gives_up_the_hash_when_it_is_terminated()
    {
        var asked = new TaskCompletionSource();
        await using var run = Run(["--p2p", "m.gguf"], identify: async (_, _, cancellation) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("never here");
        });
        await run.ListeningAsync();
        await asked.Task.WaitAsync(Cancellation);

        await run.TerminateAsync();

        Assert.Equal(0, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task Reads_the_model_for_its_hash_only_as_a_member()
    {
        var asked = new TaskCompletionSource();
        await using var run = Run([], identify: (_, _, _) =>
        {
            asked.SetResult();
            throw new IOException("the disk is gone");
        });
        using var http = new HttpClient { BaseAddress = await run.ListeningAsync() };
        Assert.False(asked.Task.IsCompleted);

        using var response = await http.PostAsync("/api/settings", new StringContent("""{"p2p_token": "0"}""", null, "application/json"), Cancellation);

        Assert.True(response.IsSuccessStatusCode);
        await asked.Task.WaitAsync(Cancellation);
        Assert.Equal("", Assert.Single(run.Swarm!.Members[0].Facts.Models).Hash);
    }

    [Fact]
    public async Task A_worker_serves_its_own_state_where_it_is_asked_to()
    {
        await using var worker = new RecordedRun(["worker", "--token", TestTokens.Plain, "--address", "127.0.0.1:0"]);
        using var http = new HttpClient { BaseAddress = await worker.ListeningAsync() };

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(http, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(http, "/api/swarm"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(http, "/v1/models"));
        using var left = await http.PostAsync("/api/swarm/drain/self", null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, await StatusOfAsync(http, "/readyz"));
        Assert.True(worker.Swarm!.Left.IsCompleted);
        await worker.TerminateAsync();
        Assert.Equal(0, await worker.ExitCodeAsync());
    }

    [Fact]
    public async Task Two_nodes_of_one_user_have_keys_of_their_own_and_keep_them()
    {
        using var folder = new TemporaryFolder();
        await using var first = Worker(folder);
        await first.JoinedAsync();
        await using var second = Worker(folder);
        await second.JoinedAsync();
        var (one, two) = (first.Swarm!.Self, second.Swarm!.Self);
        Assert.NotEqual(one, two);

        await first.TerminateAsync();
        Assert.Equal(0, await first.ExitCodeAsync());
        await using var again = Worker(folder);
        await again.JoinedAsync();

        Assert.Equal(one, again.Swarm!.Self);
    }

    [Fact]
    public async Task Refuses_a_key_that_another_process_uses()
    {
        using var folder = new TemporaryFolder();
        await using var first = new RecordedRun(["worker", "--p2p", "--identity", folder.File("my.key")]);
        await first.JoinedAsync();
        await using var second = new RecordedRun(["worker", "--p2p", "--identity", folder.File("my.key")]);

        Assert.Contains("another process uses it", await second.FailsAsync(1), StringComparison.Ordinal);
    }

    private static RecordedRun Run(string[] args, Dictionary<string, string>? environment = null, IdentifyModel? identify = null) => new(
        ["run", "--address", "127.0.0.1:0", .. args],
        environment,
        configure: context => context with { IdentifyModel = identify ?? context.IdentifyModel });

    private static RecordedRun Worker(TemporaryFolder folder) => new(
        ["worker", "--token", TestTokens.Plain], configure: context => context with { Folders = new(folder.Path, null) });

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path, Cancellation);
        return response.StatusCode;
    }

    // Words as a POSIX shell has them: plain characters, quoted parts and escaped quotes.
    [GeneratedRegex(@"(?:[^\s'\\]|\\.|'[^']*')+")]
    private static partial Regex ShellWords();

    private static string Unquote(string word) =>
        Regex.Replace(word, @"'([^']*)'|\\(.)|([^'\\]+)", match => match.Groups[1].Value + match.Groups[2].Value + match.Groups[3].Value);
}
