using System.Net;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.P2pApi;

/// <summary>What becomes of a change of the settings that fails, and of one that does not after the process has ended.</summary>
public sealed class SettingsChangeTests : IDisposable
{
    private const string Path = "/api/settings";

    private static readonly SwarmToken Token = SwarmToken.Parse(TestTokens.Plain);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_swarm_that_cannot_be_joined_leaves_the_node_in_the_one_before()
    {
        await using var node = await StartAsync(options => options.Token.HasSameRoot(Token));
        var before = node.Swarm;

        using var response = await node.Server.PostAsync(Path, $$"""{"p2p_token": "{{TestTokens.Plain}}", "p2p_network_id": "lab"}""");
        var error = await OpenAi.ErrorReply.ReadAsync(response);

        Assert.Equal((HttpStatusCode.InternalServerError, "p2p_start_failed"), (error.Status, error.Code));
        Assert.Equal("This node stays in the swarm that it was in, as it cannot join the other: the port is in use", error.Message);
        Assert.True(before.Left.IsCompleted);
        Assert.False(node.Swarm.Left.IsCompleted);
        Assert.Equal((before.Options.Token, before.Self), (node.Swarm.Options.Token, node.Swarm.Self));
        var settings = await node.GetAsync(Path);
        Assert.Equal((node.Swarm.Token.Reveal(), ""), ((string)settings["p2p_token"]!, (string)settings["p2p_network_id"]!));
        Assert.Equal(new SavedSettings(), SettingsFile.Read(_folder.Path));
    }

    [Fact]
    public async Task Where_it_cannot_return_either_it_says_both_and_can_be_asked_again()
    {
        var isBroken = false;
        await using var node = await StartAsync(_ => isBroken);
        var before = node.Swarm;
        isBroken = true;

        using var response = await node.Server.PostAsync(Path, $$"""{"p2p_token": "{{TestTokens.Plain}}"}""");
        var error = await OpenAi.ErrorReply.ReadAsync(response);

        Assert.Equal("P2P is off, as it cannot start: the port is in use; nor can it return to the swarm before: the port is in use", error.Message);
        Assert.Null(node.Service.Current);

        isBroken = false;
        await node.Server.PostOkAsync(Path, "{}");
        Assert.Equal(before.Options.Token, node.Swarm.Options.Token);
    }

    [Fact]
    public async Task Only_what_was_changed_is_saved_and_nobody_else_can_read_it()
    {
        await using var node = await StartAsync(_ => false);
        Assert.False(File.Exists(_folder.File(SettingsFile.Name)));

        await node.Server.PostOkAsync(Path, """{"p2p_network_id": "lab"}""");
        Assert.Equal(new SavedSettings(NetworkId: "lab"), SettingsFile.Read(_folder.Path));

        await node.Server.PostOkAsync(Path, """{"p2p_token": "0"}""");
        var made = SettingsFile.Read(_folder.Path);
        Assert.True(made.Token!.HasSameRoot(node.Swarm.Options.Token));
        Assert.Equal((true, "lab"), (made.IsOn, made.NetworkId));

        await node.Server.PostOkAsync(Path, $$"""{"p2p_token": "{{TestTokens.Plain}}", "p2p_network_id": ""}""");
        Assert.Equal(new SavedSettings(true, Token), SettingsFile.Read(_folder.Path));

        await node.Server.PostOkAsync(Path, """{"p2p_token": ""}""");
        Assert.Equal(new SavedSettings(false, Token), SettingsFile.Read(_folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(SettingsFile.Name)));
        }
    }

    [Fact]
    public async Task What_the_node_does_by_itself_is_not_saved()
    {
        await using var node = await StartAsync(_ => false);
        await node.Service.LeaveAsync();
        await node.Service.StartAsync(TestContext.Current.CancellationToken);
        Assert.False(File.Exists(_folder.File(SettingsFile.Name)));
    }

    private Task<SwarmServer> StartAsync(Predicate<SwarmOptions> fails) => SwarmServer.StartAsync(options => options with
    {
        Swarm = FakeSwarms.Setup(_folder, new() { IsOn = true }) with
        {
            Start = (swarm, _) => fails(swarm)
                ? throw new SwarmException("listen_failed", "the port is in use")
                : Task.FromResult<ISwarm>(new FakeSwarm(swarm)),
        },
    });
}
