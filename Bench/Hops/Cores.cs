using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.Bench.Hops;

/// <summary>Which core runs what: two processes on one core, or on two, are not the same measurement.</summary>
internal static class Cores
{
    /// <summary>Where a head is.</summary>
    public const int OfHead = 0;

    /// <summary>Where the workers are, by turns: the first one not beside the head.</summary>
    public static int OfWorker(int index) => (index + 1) % 2;

    /// <summary>Has this process run on one core from now on, with all of its threads.</summary>
    public static async Task UseAsync(int core)
    {
        var (number, process) = (core.ToString(CultureInfo.InvariantCulture), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        using var run = Process.Start(new ProcessStartInfo("taskset", ["-a", "-c", "-p", number, process]) { RedirectStandardOutput = true })!;
        await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
    }

    /// <summary>The same start of a program, on one core.</summary>
    public static ProcessStartInfo On(int core, ProcessStartInfo start) =>
        new("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), start.FileName, .. start.ArgumentList]);
}
