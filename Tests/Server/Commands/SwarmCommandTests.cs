using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class SwarmCommandTests
{
    [Fact]
    public async Task Shows_the_members_as_a_table()
    {
        await using var node = await SwarmServer.StartAsync();
        var worker = FakeSwarms.Member("bench [red]2[/]", MemberState.Suspect, NodeRole.Worker) with
        {
            RoundTrip = TimeSpan.FromMilliseconds(2.5),
            RemoteAddress = Multiaddress.Parse("/ip4/192.0.2.9/tcp/1"),
        };
        node.Swarm.Others.Add(worker);
        await using var run = Run(node, "status");

        Assert.Equal(0, await run.ExitCodeAsync());
        var row = run.Output.Split('\n').Single(line => line.Contains("bench", StringComparison.Ordinal));
        var cells = row.Split('│', StringSplitOptions.TrimEntries)[1..^1];
        Assert.Equal(
            [
                "bench [red]2[/]", "…" + worker.Id.ToString()[^8..], "suspect", "worker", "cpu", "4", "5.0 GiB of 8.0 GiB free", "",
                "0 + 0 waiting", "2.5 ms", "1.5 s ago", "/ip4/192.0.2.9/tcp/1",
            ],
            cells);
        Assert.Contains("(this node)", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    /// <summary>Names come from other nodes: they must not command the terminal.</summary>
    [Fact]
    public async Task Shows_no_control_characters_of_others()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(FakeSwarms.Member("evil\u001b[2J\u009b1m\u202ename\r\n") with { Facts = FakeSwarms.Member("evil\u001b[2J\u202ename").Facts with { Device = "\u001b]0;x\u0007" } });
        await using var status = Run(node, "status");
        await using var watch = Run(node, "watch");
        await watch.LineAsync("Network ");
        node.Swarm.Raise(SwarmEventKind.Joined, node.Swarm.Others[0]);
        Assert.Equal(0, await status.ExitCodeAsync());
        await node.Server.Server.StopAsync();
        Assert.Equal(0, await watch.ExitCodeAsync());
        foreach (var output in new[] { status.Output, watch.Output })
        {
            Assert.Contains("evil?[2J?name", output, StringComparison.Ordinal);
            Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n' || c == '\u202e');
        }
    }

    [Fact]
    public async Task Prints_the_nodes_answer_as_it_is()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var run = Run(node, "status", "--json");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(node.Swarm.Self.ToString(), (string)JsonNode.Parse(run.Output)!["self"]!);
    }

    [Fact]
    public async Task Says_so_where_p2p_is_off()
    {
        await using var node = await SwarmServer.StartAsync(joined: false);
        await using var status = Run(node, "status");
        await using var drain = Run(node, "drain", "self");

        Assert.Equal(0, await status.ExitCodeAsync());
        Assert.Equal("This node is in no swarm.\n", status.Output);
        Assert.Contains("This node is in no swarm: start it with --p2p", await drain.FailsAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watches_until_it_is_interrupted()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var run = Run(node, "watch");
        await run.LineAsync("Network ");
        var member = FakeSwarms.Member("w");
        node.Swarm.Raise(SwarmEventKind.Lost, member);
        await run.LineAsync(TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch, TimeZoneInfo.Local).ToString("HH:mm:ss", null) + $" lost      w ({member.Id})");

        await run.TerminateAsync();

        Assert.Equal(0, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task Drains_this_node()
    {
        await using var node = await SwarmServer.StartAsync();
        var swarm = node.Swarm;
        await using var run = Run(node, "drain", "self");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal($"{swarm.Self} has left the swarm\n", run.Output);
        Assert.True(swarm.Left.IsCompleted);
    }

    [Theory]
    [InlineData("drain nobody", "No member 'nobody' is known")]
    [InlineData("drain other", "'other' could not be asked to leave")]
    [InlineData("unload llama", "This node neither serves the model 'llama' nor holds layers of it")]
    [InlineData("drain a/../../b?c", "No member 'a/../../b?c' is known")]
    public async Task Says_what_the_node_answers(string args, string says)
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(FakeSwarms.Member("other"));
        await using var run = Run(node, args.Split(' '));

        Assert.Contains(says, await run.FailsAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_the_key()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("good")] });
        await using var without = Run(node, "status");
        await using var with = new RecordedRun(
            ["swarm", "status", "--address", node.Http.BaseAddress!.Authority], new Dictionary<string, string> { ["MANAGEDSWARM_API_KEY"] = "good,better" });

        Assert.Contains("No API key provided", await without.FailsAsync(1), StringComparison.Ordinal);
        Assert.Contains("give it by --api-key", without.Error, StringComparison.Ordinal);
        Assert.Equal(0, await with.ExitCodeAsync());
    }

    [Fact]
    public async Task Says_so_where_nothing_runs()
    {
        using var closed = new RefusedPort();
        await using var run = new RecordedRun(["swarm", "status", "--address", $":{closed.EndPoint.Port}"]);

        Assert.Contains($"nothing answers at 127.0.0.1:{closed.EndPoint.Port}", await run.FailsAsync(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello", "no node of a swarm")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nHello", "no node of a swarm")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "no node of a swarm")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "is no node")]
    public async Task Says_so_where_something_else_runs(string answer, string says)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var served = ServeAsync(other, answer);
        await using var run = new RecordedRun(["swarm", "status", "--address", other.LocalEndpoint.ToString()!]);

        Assert.Contains(says, await run.FailsAsync(1), StringComparison.Ordinal);
        await served;
    }

    [Theory]
    [InlineData("swarm", "expected a command behind 'swarm': 'status', 'watch', 'drain', 'unload', 'doctor'")]
    [InlineData("swarm drain", "Required argument missing")]
    [InlineData("swarm status --address nowhere", "--address: expected HOST:PORT")]
    [InlineData("swarm status --api-key a,b", "--api-key: expected visible ASCII")]
    public async Task Says_what_it_expects(string args, string says)
    {
        await using var run = new RecordedRun(args.Split(' '));

        Assert.Contains(says, await run.FailsAsync(2), StringComparison.Ordinal);
    }

    private static RecordedRun Run(SwarmServer node, params string[] args) => new(["swarm", .. args, "--address", node.Http.BaseAddress!.Authority]);

    private static async Task ServeAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
    }
}
