using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class TokenCommandTests
{
    private const string Shown =
        """
        version    1
        network    808182838485868788898a8b8c8d8e8f
        epoch      7
        flags      closed, fast
        protocols  /managedswarm/b76b4787358e7f1e/...
        bootstrap  /ip4/192.0.2.1/tcp/4001
        field      1 of 32 bytes, not used by this version

        """;

    [Fact]
    public async Task Makes_a_token_and_prints_nothing_else_on_standard_output()
    {
        await using var run = new RecordedRun(["token", "new"]);

        Assert.Equal(0, await run.ExitCodeAsync());
        var line = Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(SwarmToken.Parse(line).Bootstrap);
        Assert.Contains("managedswarm token inspect", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(line, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Makes_a_token_with_addresses()
    {
        await using var run = new RecordedRun(
            ["token", "new", "--bootstrap", "/ip4/192.0.2.1/tcp/4001", "--bootstrap", "/dns4/example.org/tcp/4001"]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(
            [Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001"), Multiaddress.Parse("/dns4/example.org/tcp/4001")], SwarmToken.Parse(run.Output).Bootstrap);
    }

    [Fact]
    public async Task Makes_the_same_token_of_the_same_phrase()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("phrase"), "correct horse battery staple\r\n", TestContext.Current.CancellationToken);
        await using var run = new RecordedRun(["token", "new", "--passphrase-file", folder.File("phrase"), "--network", "home"]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal("e12c2f1dc2473f4ae199b2340651f66a", SwarmToken.Parse(run.Output).NetworkId);
        Assert.Equal("027e5e32de6b3994a26c8f629ec4019746cd9d88c9d63ffffdb9078af265ffa7", Convert.ToHexStringLower(SwarmToken.Parse(run.Output).Root));
    }

    [Theory]
    [InlineData("token new --bootstrap 192.0.2.1:4001", "--bootstrap: expected a host and a TCP port", "found '192.0.2.1:4001'")]
    [InlineData("token new --bootstrap /ip4/192.0.2.1/udp/4001", "--bootstrap: expected a host and a TCP port", "udp")]
    [InlineData("token new --network home", "--network needs --passphrase-file", "")]
    [InlineData("token new --passphrase-file phrase", "--passphrase-file needs --network", "")]
    [InlineData("token new more", "unexpected 'more'", "--help")]
    [InlineData("token", "expected a command behind 'token': 'new', 'inspect'", "--help")]
    [InlineData("token old", "unknown command 'old': expected 'new', 'inspect'", "--help")]
    [InlineData("token inspect", "expected a token", "--help")]
    [InlineData("token inspect --all", "unknown option '--all'", "--help")]
    [InlineData("token inspect mswarm1:AYCB", "the swarm token cannot be used: it is too short", "")]
    [InlineData("token inspect -", "the swarm token cannot be used: it is empty", "")]
    public async Task Refuses_what_it_cannot_do_in_one_line(string args, string says, string alsoSays)
    {
        await using var run = new RecordedRun(args.Split(' '));

        var line = await run.FailsAsync(exitCode: 2);

        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains(alsoSays, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_phrase_that_is_missing_or_easily_guessed()
    {
        using var folder = new TemporaryFolder();
        await using var missing = new RecordedRun(["token", "new", "--network", "home", "--passphrase-file", folder.File("phrase")]);
        Assert.Contains("cannot be read", await missing.FailsAsync(exitCode: 1), StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder.File("phrase"), "hunter2\n", TestContext.Current.CancellationToken);
        await using var weak = new RecordedRun(["token", "new", "--network", "home", "--passphrase-file", folder.File("phrase")]);
        var line = await weak.FailsAsync(exitCode: 2);

        Assert.Contains("a pass-phrase of 7 characters", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_what_a_token_says_but_no_secret()
    {
        await using var run = new RecordedRun(["token", "inspect", TestTokens.Full]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(Shown, run.Output);
        Assert.Equal("", run.Error);
        Assert.All(TestTokens.RootTexts, secret => Assert.DoesNotContain(secret, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reads_the_token_from_standard_input()
    {
        await using var run = new RecordedRun(
            ["token", "inspect", "-"], configure: context => context with { OpenInput = () => new StringReader(TestTokens.Full + "\n") });

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(Shown, run.Output);
    }

    [Fact]
    public async Task Reads_the_token_from_the_environment()
    {
        await using var run = new RecordedRun(["token", "inspect"], new Dictionary<string, string> { ["MANAGEDSWARM_TOKEN"] = TestTokens.Plain });

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("flags      open, hide", run.Output, StringComparison.Ordinal);
        Assert.Contains("bootstrap  none", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token --help", "managedswarm token new")]
    [InlineData("token new --help", "managedswarm token new --passphrase-file phrase.txt --network home")]
    [InlineData("token inspect --help", "managedswarm token inspect -")]
    public async Task Helps_with_examples(string args, string example)
    {
        await using var run = new RecordedRun(args.Split(' '));

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains(example, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("managedswarm run", run.Output, StringComparison.Ordinal);
    }
}
