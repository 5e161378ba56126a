using System.Text;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Commands;

/// <summary>What <c>/api/settings</c> has changed, at the next start: command line, else environment, else file, else default.</summary>
public sealed class SavedSettingsTests : IDisposable
{
    private static readonly SwarmToken Saved = SwarmToken.Generate();
    private static readonly SwarmToken Given = SwarmToken.Parse(TestTokens.Plain);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hold_where_nothing_else_is_said()
    {
        SettingsFile.Write(_folder.Path, new(true, Saved, "lab"));
        await using var run = Run([]);
        await run.ListeningAsync();

        Assert.Equal(Saved.InSubnetwork("lab"), run.Swarm!.Options.Token);
        Assert.Contains("Joined the swarm as ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mswarm1:", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Come_after_the_environment_and_the_command_line_each_by_itself()
    {
        SettingsFile.Write(_folder.Path, new(true, Saved, "lab"));
        await using var byVariable = Run([], new() { ["TOKEN"] = TestTokens.Plain });
        await byVariable.ListeningAsync();
        await using var byOption = Run(["--p2p-network-id", "office"]);
        await byOption.ListeningAsync();

        Assert.Equal(Given.InSubnetwork("lab"), byVariable.Swarm!.Options.Token);
        Assert.Equal(Saved.InSubnetwork("office"), byOption.Swarm!.Options.Token);
    }

    [Theory]
    [InlineData(true, "off", false)]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(false, "on", true)]
    public async Task Turn_p2p_on_unless_it_is_said_otherwise(bool saved, string? given, bool isOn)
    {
        SettingsFile.Write(_folder.Path, new(saved, Saved));
        await using var run = Run([], given is null ? null : new() { ["MANAGEDSWARM_P2P"] = given });
        await run.ListeningAsync();

        Assert.Equal(isOn ? Saved : null, run.Swarm?.Options.Token);
    }

    [Fact]
    public async Task Are_what_was_changed_in_the_life_before()
    {
        await using (var first = Run([]))
        {
            using var http = new HttpClient { BaseAddress = await first.ListeningAsync() };
            using var body = new StringContent("""{"p2p_token": "0", "p2p_network_id": "lab"}""", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/api/settings", body, TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode);
            await first.TerminateAsync();
            Assert.Equal(0, await first.ExitCodeAsync());
        }

        var made = SettingsFile.Read(_folder.Path);
        Assert.True(made.IsOn);
        await using var second = Run([]);
        await second.ListeningAsync();
        Assert.Equal(made.Token!.InSubnetwork("lab"), second.Swarm!.Options.Token);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"p2p_token": "mswarm1:secret"}""")]
    [InlineData("""{"p2p_token": ["mswarm1:secret"]}""")]
    [InlineData("""{"p2p_network_id": "a\nb"}""")]
    [InlineData("""{"p2p_network_id": ""}""")]
    public async Task Keep_nobody_from_serving_where_their_file_is_damaged(string text)
    {
        Write(Encoding.UTF8.GetBytes(text));
        await using var run = Run([]);
        await run.ListeningAsync();

        Assert.Null(run.Swarm);
        Assert.Contains($"warning: what was saved by /api/settings is ignored: settings file '{_folder.File(SettingsFile.Name)}': ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_not_read_from_a_file_that_is_too_long_or_open_to_others()
    {
        Write(new byte[(64 << 10) + 1]);
        await using var tooLong = Run([]);
        await tooLong.ListeningAsync();
        Assert.Contains("it has more than 65536 bytes", tooLong.Error, StringComparison.Ordinal);

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        SettingsFile.Write(_folder.Path, new(true, Saved));
        File.SetUnixFileMode(_folder.File(SettingsFile.Name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await using var open = Run([]);
        await open.ListeningAsync();
        Assert.Null(open.Swarm);
        Assert.Contains("its mode is 640", open.Error, StringComparison.Ordinal);
    }

    private void Write(byte[] bytes)
    {
        SettingsFile.Write(_folder.Path, new());
        File.WriteAllBytes(_folder.File(SettingsFile.Name), bytes);
    }

    private RecordedRun Run(string[] args, Dictionary<string, string>? environment = null) => new(
        ["run", "--address", "127.0.0.1:0", .. args], environment, configure: context => context with { Folders = new(_folder.Path, null) });
}
