using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Bench.Peers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Bench.Hops;

/// <summary>A worker of its own process on one core, as the head sees it.</summary>
internal sealed class StageProcess : IAsyncDisposable
{
    /// <summary>The command that it runs.</summary>
    public const string CommandName = "stage-process";

    private readonly Process _process;

    private StageProcess(Process process, StagePeer peer) => (_process, Peer) = (process, peer);

    /// <summary>Where it is.</summary>
    public StagePeer Peer { get; }

    /// <param name="core">The core that it may use.</param>
    /// <param name="token">The swarm's.</param>
    /// <param name="cache">Where it keeps weights.</param>
    public static async Task<StageProcess> StartAsync(int core, string token, string cache)
    {
        var start = Cores.On(core, OwnProgram.With(CommandName, token, cache));
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var process = Process.Start(start)!;
        var words = (await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("a worker has not started")).Split(' ');
        return new(process, new StagePeer(PeerId.Parse(words[0]), [Multiaddress.Parse(words[1])]));
    }

    /// <summary>Asks for something and waits until it is done.</summary>
    /// <param name="question">One of <see cref="StageProcessLoop"/>'s.</param>
    /// <param name="values">What belongs to it.</param>
    /// <returns>Seconds, and bytes where there are some.</returns>
    public async Task<(double Seconds, long Bytes)> AskAsync(string question, params string[] values)
    {
        await _process.StandardInput.WriteLineAsync(string.Join('\t', [question, .. values]));
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"a worker has ended at '{question}'");
        var words = line.Split(' ');
        return (double.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
