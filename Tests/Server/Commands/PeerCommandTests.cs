using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Commands;

[Trait("Tier", "Loopback")]
public sealed class PeerCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _token = SwarmToken.Generate().Reveal();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pings_who_listens(bool hasToken)
    {
        var environment = Environment(hasToken ? _token : null);
        await using var listener = Listen(environment);
        var address = await listener.AddressAsync();
        await using var ping = new RecordedRun(["peer", "ping", address, "--count", "3"], environment);

        Assert.Equal(0, await ping.ExitCodeAsync());
        var lines = ping.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("Pinging 12D3KooW", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^3: \d+\.\d{3} ms$", lines[3]);
        Assert.Matches(@"^least \d+\.\d{3} ms, median \d+\.\d{3} ms, most \d+\.\d{3} ms$", lines[4]);
        await listener.TerminateAsync();
        Assert.Equal(0, await listener.ExitCodeAsync());
        Assert.Equal(!hasToken, listener.Error.Contains("warning: no --token is set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Echoes_standard_input()
    {
        await using var listener = Listen(Environment(_token));
        var address = await listener.AddressAsync();
        var (input, output) = (new byte[300_000], new MemoryStream());
        new Random(1).NextBytes(input);
        await using var echo = new RecordedRun(
            ["peer", "echo", address],
            Environment(_token),
            configure: context => context with { OpenInputBytes = () => new MemoryStream(input), OpenOutputBytes = () => output });

        Assert.Equal(0, await echo.ExitCodeAsync());
        Assert.True(input.AsSpan().SequenceEqual(output.ToArray()));
    }

    [Fact]
    public async Task Measures_the_rate_of_an_echo()
    {
        await using var listener = Listen(Environment(_token));
        await using var echo = new RecordedRun(["peer", "echo", await listener.AddressAsync(), "--bytes", "1000000"], Environment(_token));

        Assert.Equal(0, await echo.ExitCodeAsync());
        Assert.Matches(@"^1000000 bytes there and back in \d+\.\d{3} s: \d+\.\d MB/s each way\n$", echo.Output);
    }

    [Fact]
    public async Task Keeps_its_identity_in_a_file()
    {
        await using var first = Listen(Environment(null));
        var address = await first.AddressAsync();
        await first.TerminateAsync();
        Assert.Equal(0, await first.ExitCodeAsync());
        await using var second = Listen(Environment(null));

        Assert.Equal(address.Split("/p2p/")[1], (await second.AddressAsync()).Split("/p2p/")[1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Says_so_when_the_tokens_differ(bool hasToken)
    {
        await using var listener = Listen(Environment(_token));
        var address = await listener.AddressAsync();
        await using var ping = new RecordedRun(["peer", "ping", address], Environment(hasToken ? SwarmToken.Generate().Reveal() : null));

        var line = await ping.FailsAsync(1);
        Assert.EndsWith("Both sides need the same token, or none.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("mswarm1:", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_that_listen_have_keys_of_their_own()
    {
        await using var first = ListenInFolder();
        await using var second = ListenInFolder();
        var (one, two) = (await first.AddressAsync(), await second.AddressAsync());
        Assert.NotEqual(one.Split("/p2p/")[1], two.Split("/p2p/")[1]);
        await first.TerminateAsync();
        Assert.Equal(0, await first.ExitCodeAsync());

        await using var again = ListenInFolder();
        Assert.Equal(one.Split("/p2p/")[1], (await again.AddressAsync()).Split("/p2p/")[1]);
    }

    [Theory]
    [InlineData("listen")]
    [InlineData("ping")]
    public async Task A_key_that_another_process_uses_is_refused(string command)
    {
        await using var listener = Listen(Environment(null));
        var address = await listener.AddressAsync();
        string[] args = ["peer", command, "--identity", _folder.File("identity.key"), .. command == "ping" ? [address] : Array.Empty<string>()];
        await using var second = new RecordedRun(args);

        Assert.Contains("another process uses it", await second.FailsAsync(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peer ping", "expected the address of a peer")]
    [InlineData("peer ping 127.0.0.1:4001", "ADDR: expected an address such as")]
    [InlineData("peer ping /ip4/127.0.0.1/tcp/1 --count 0", "--count: expected a whole number from 1")]
    [InlineData("peer ping /ip4/127.0.0.1/tcp/1 --token mswarm1:secret", "--token: expected a token")]
    [InlineData("peer listen --address 127.0.0.1:4001 --identity {0}", "--peer-address: expected an IP address and a TCP port")]
    [InlineData("peer", "expected a command behind 'peer'")]
    public async Task Says_what_it_expects(string args, string expected)
    {
        await using var run = new RecordedRun([.. args.Split(' ').Select(word => word == "{0}" ? _folder.File("identity.key") : word)]);

        var line = await run.FailsAsync(2);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Environment(string? token) => token is null ? [] : new() { ["MANAGEDSWARM_TOKEN"] = token };

    private RecordedRun Listen(Dictionary<string, string> environment) => new(
        ["peer", "listen", "--address", "/ip4/127.0.0.1/tcp/0", "--identity", _folder.File("identity.key")], environment);

    private RecordedRun ListenInFolder() => new(
        ["peer", "listen", "--address", "/ip4/127.0.0.1/tcp/0"], configure: context => context with { Folders = new(_folder.Path, null) });
}
