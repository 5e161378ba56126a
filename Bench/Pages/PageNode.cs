using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.Bench.Pages;

/// <summary>A <c>managedswarm</c> of its own process, with a home of its own.</summary>
internal sealed class PageNode : IAsyncDisposable
{
    // What /proc counts in, on every Linux.
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private Task _output = Task.CompletedTask;

    private PageNode(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Where its pages are; null: nowhere.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts one and waits until it has said a line.</summary>
    /// <param name="home">Its folder.</param>
    /// <param name="ready">How that line begins.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static async Task<PageNode> StartAsync(string home, string ready, params IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(home);
        string[] all = [Path.Combine(AppContext.BaseDirectory, "managedswarm.dll"), .. arguments, "--mdns", "off", "--p2p-listen", "/ip4/127.0.0.1/tcp/0"];
        var start = new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in new[] { "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR" })
        {
            start.Environment[variable] = home;
        }

        start.Environment["TOKEN"] = null;
        var node = new PageNode(Process.Start(start)!);
        using var limit = new CancellationTokenSource(StartTimeout);
        await node.ReadUntilAsync(ready, limit.Token);
        node._output = node._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return node;
    }

    /// <summary>What it has used of processors so far (Linux).</summary>
    public TimeSpan CpuTime()
    {
        // Behind the name, which may have spaces: state, …, utime and stime as the 12th and 13th (proc(5)).
        var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _errors;
        await _output;
        _process.Dispose();
    }

    private async Task ReadUntilAsync(string ready, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException($"a node has ended before it said '{ready}': {await _errors}");
            Address ??= line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } text ? new Uri(text) : null;
            if (line.StartsWith(ready, StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
