using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Bench.Hops;
using ManagedSwarm.Bench.Peers;

namespace ManagedSwarm.Bench.Streams;

/// <summary>The other process as this one sees it.</summary>
internal sealed class StreamServerProcess : IAsyncDisposable
{
    /// <summary>The command that it runs.</summary>
    public const string CommandName = "streams-server";

    private readonly Process _process;

    private StreamServerProcess(Process process, ServerAddresses addresses) => (_process, Addresses) = (process, addresses);

    public ServerAddresses Addresses { get; }

    /// <param name="core">The core that it may use; null: all.</param>
    public static async Task<StreamServerProcess> StartAsync(int? core = null)
    {
        var start = OwnProgram.With(CommandName);
        start = core is { } one ? Cores.On(one, start) : start;
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var process = Process.Start(start)!;
        return new(process, ServerAddresses.Parse(await process.StandardOutput.ReadLineAsync()));
    }

    /// <summary>Bytes that it has allocated so far.</summary>
    public async Task<long> AllocatedAsync() => (await AskAsync(StreamServerLoop.Allocated))[0];

    /// <summary>Bytes in use on its heap, and resident of no file.</summary>
    public async Task<(long Heap, long Anonymous)> MemoryAsync() => await AskAsync(StreamServerLoop.Memory) is [var heap, var anonymous]
        ? (heap, anonymous)
        : throw new InvalidOperationException("the other process gave no two numbers");

    /// <summary>Ends it and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<long[]> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the other process has ended");
        return [.. line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
    }
}
