using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.Bench.Processes;

/// <summary>A <c>managedswarm</c> of its own process, with a home of its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    // What /proc counts in, on every Linux.
    private const double TicksPerSecond = 100;

    // A large model may have to be fetched.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private Task _output = Task.CompletedTask;

    private NodeProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Where its API and its pages are; null: nowhere.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts one and waits until it has said a line.</summary>
    /// <param name="home">Its folder.</param>
    /// <param name="runtime">The folder by which nodes of one machine find each other.</param>
    /// <param name="ready">How that line begins.</param>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="core">The core that it may use; null: all.</param>
    public static async Task<NodeProcess> StartAsync(string home, string runtime, string ready, IEnumerable<string> arguments, int? core = null)
    {
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(runtime);
        string[] program = ["dotnet", ProgramFile.Path, .. arguments];
        string[] all = core is null ? program : ["taskset", "-c", $"{core}", .. program];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in new[] { "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        {
            start.Environment[variable] = home;
        }

        (start.Environment["XDG_RUNTIME_DIR"], start.Environment["TOKEN"]) = (runtime, null);
        var node = new NodeProcess(Process.Start(start)!);
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
