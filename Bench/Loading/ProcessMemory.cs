using System.Diagnostics;
using System.Globalization;

namespace ManagedSwarm.Bench.Loading;

/// <summary>What this process has had of the machine's memory, in bytes.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>
    /// The most that was resident at once, anonymous pages and mapped files together (Linux: VmHWM); elsewhere what .NET says of it.
    /// </summary>
    public static long Peak() => Read("VmHWM") ?? Process.GetCurrentProcess().PeakWorkingSet64;

    /// <summary>What is resident now.</summary>
    public static long Resident() => Read("VmRSS") ?? Environment.WorkingSet;

    /// <summary>Resident pages of no file now; 0 where the system does not tell.</summary>
    public static long Anonymous() => Read("RssAnon") ?? 0;

    private static long? Read(string name)
    {
        if (!File.Exists(Status))
        {
            return null;
        }

        // VmHWM:	  123456 kB
        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
            ? long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024
            : null;
    }
}
