using System.Diagnostics;
using ManagedSwarm.Tests.Transport.Libp2p.Interop;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>OpenAI's own client for JavaScript understands the answers (Tests/Interop/js/openai.mjs), also through a router.</summary>
[Trait("Tier", "Loopback")]
public sealed class OfficialJsClientTests
{
    private const int Checks = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_of_its_checks_hold(bool isRouted)
    {
        var node = await JsPackages.RequireNodeAsync();
        await using var server = await ApiWay.StartAsync(isRouted);

        var (exitCode, said, errors) = await RunAsync(node, new Uri(server.Address, "v1"));

        Assert.True(exitCode == 0, $"{said}{errors}");
        Assert.Equal(Checks, said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static async Task<(int ExitCode, string Said, string Errors)> RunAsync(string node, Uri address)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var start = new ProcessStartInfo(node, ["openai.mjs", address.ToString()])
        {
            WorkingDirectory = JsPackages.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"it has not ended within {Limit}, and said: {await said}{await errors}");
        }

        return (process.ExitCode, await said, await errors);
    }
}
