using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>The program as a process of its own: what only a process has, signals and exit codes.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Ends_cleanly_when_it_is_asked_to(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs POSIX signals");
        using var process = Start("run", ServedFile.Tiny, "--address", "127.0.0.1:0");
        try
        {
            var address = await ListeningAsync(process);
            using var http = new HttpClient { BaseAddress = address };
            using var response = await http.PostAsync(
                "/v1/completions", new StringContent(new JsonObject { ["prompt"] = "a" }.ToJsonString(), null, "application/json"), Cancellation);
            Assert.True(response.IsSuccessStatusCode);

            using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
            await process.WaitForExitAsync(Cancellation).WaitAsync(Patience, Cancellation);

            Assert.Equal(0, process.ExitCode);
            Assert.DoesNotContain("   at ", await process.StandardError.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Fails_with_one_line()
    {
        using var process = Start("run", "nothing.gguf", "--address", "127.0.0.1:0");

        var output = await process.StandardOutput.ReadToEndAsync(Cancellation).WaitAsync(Patience, Cancellation);
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("", output);
        Assert.Equal("managedswarm: there is no file 'nothing.gguf'\n", error);
    }

    private static Process Start(params string[] args)
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "managedswarm.dll"), .. args];
        if (IgnoresInterrupts())
        {
            // A child inherits it, and .NET keeps what it finds.
            command = ["env", "--default-signal=INT", .. command];
        }

        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Whether these tests run with SIGINT ignored, as a shell starts its background jobs.</summary>
    private static bool IgnoresInterrupts()
    {
        const string Field = "SigIgn:";
        const ulong Interrupt = 1UL << (2 - 1);
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && (ulong.Parse(line[Field.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    private static async Task<Uri> ListeningAsync(Process process)
    {
        const string Prefix = "Listening on ";
        while (await process.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation) is { } line)
        {
            if (line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                return new Uri(line[Prefix.Length..]);
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(Cancellation));
    }
}
