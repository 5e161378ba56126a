using System.Diagnostics;

namespace ManagedSwarm.Bench.Splits;

/// <summary>A <c>managedswarm</c> of its own process on one core, with a home of its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private Task _output = Task.CompletedTask;

    private NodeProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Where its API is; null: nowhere.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Starts one and waits until it has said a line.</summary>
    /// <param name="core">The core that it may use.</param>
    /// <param name="home">Its folder.</param>
    /// <param name="runtime">The folder by which nodes of one machine find each other.</param>
    /// <param name="ready">How that line begins.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static async Task<NodeProcess> StartAsync(int core, string home, string runtime, string ready, IReadOnlyList<string> arguments)
    {
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(runtime);
        string[] all = ["-c", $"{core}", "dotnet", Path.Combine(AppContext.BaseDirectory, "managedswarm.dll"), .. arguments];
        var start = new ProcessStartInfo("taskset", all) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["HOME"], start.Environment["XDG_CONFIG_HOME"], start.Environment["XDG_RUNTIME_DIR"]) = (home, home, runtime);
        (start.Environment["XDG_CACHE_HOME"], start.Environment["TOKEN"]) = (home, null);
        var node = new NodeProcess(Process.Start(start)!);
        using var limit = new CancellationTokenSource(StartTimeout);
        await node.ReadUntilAsync(ready, limit.Token);
        node._output = node._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return node;
    }

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
