using System.Diagnostics;
using System.Text.Json;
using ManagedSwarm.Bench.Peers;

namespace ManagedSwarm.Bench.Federation;

/// <summary>A process of a federation, as the one that makes the load sees it.</summary>
internal sealed class FederationProcess : IAsyncDisposable
{
    /// <summary>The command that it runs.</summary>
    public const string CommandName = "federation-process";

    private readonly Process _process;

    private FederationProcess(Process process, IReadOnlyList<StartedNode> nodes) => (_process, Nodes) = (process, nodes);

    public IReadOnlyList<StartedNode> Nodes { get; }

    /// <summary>The time that it has had of cores so far.</summary>
    public TimeSpan CoreTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<FederationProcess> StartAsync(ProcessPlan plan, CancellationToken cancellationToken)
    {
        var start = OwnProgram.With(CommandName, JsonSerializer.Serialize(plan));
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var process = Process.Start(start)!;
        return new(process, await ReadAsync<List<StartedNode>>(process, cancellationToken));
    }

    /// <summary>Bytes in use on its heap, and resident of no file.</summary>
    public async Task<(long Heap, long Anonymous)> MemoryAsync(CancellationToken cancellationToken) =>
        await AskAsync(FederationProcessLoop.Memory, cancellationToken) is [var heap, var anonymous]
            ? (heap, anonymous)
            : throw new InvalidOperationException("the other process gave no two numbers");

    /// <summary>How many of its replies are under way.</summary>
    public async Task<long> ActiveAsync(CancellationToken cancellationToken) => (await AskAsync(FederationProcessLoop.Active, cancellationToken))[0];

    /// <summary>When its replies were cancelled that were not told before.</summary>
    public Task<long[]> CancelledAsync(CancellationToken cancellationToken) => AskAsync(FederationProcessLoop.Cancelled, cancellationToken);

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<long[]> AskAsync(string question, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync<long[]>(_process, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(Process process, CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("the other process has ended");
        return JsonSerializer.Deserialize<T>(line)!;
    }
}
