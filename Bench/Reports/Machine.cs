using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Bench.Reports;

/// <summary>What a measurement ran on.</summary>
internal static class Machine
{
    /// <summary>The CPU's name and cores, the memory, the system, the version of .NET and its widest vectors.</summary>
    public static string Describe()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{CpuName()}, {Environment.ProcessorCount} cores, {memory:F0} GiB, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, {Vectors()}");
    }

    /// <summary>The commit that was built, <c>+</c> behind it where files differ from it; <c>unknown</c> outside a repository.</summary>
    public static string Commit()
    {
        if (Run("git", "rev-parse", "--short", "HEAD") is not { Length: > 0 } commit)
        {
            return "unknown";
        }

        return Run("git", "status", "--porcelain", "--untracked-files=no") is { Length: > 0 } ? commit + "+" : commit;
    }

    /// <summary>How busy the machine was in the last minute, in cores (Linux); null where the system does not tell.</summary>
    public static string? LoadAverage()
    {
        const string Linux = "/proc/loadavg";
        return File.Exists(Linux) ? File.ReadAllText(Linux).Split(' ')[0] : null;
    }

    private static string CpuName()
    {
        const string Linux = "/proc/cpuinfo";
        var name = OperatingSystem.IsLinux() && File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : OperatingSystem.IsMacOS() ? Run("sysctl", "-n", "machdep.cpu.brand_string")
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.IsNullOrEmpty(name) ? RuntimeInformation.ProcessArchitecture.ToString() : name;
    }

    private static string Vectors() =>
        Vector512.IsHardwareAccelerated ? "AVX-512"
        : Avx2.IsSupported ? "AVX2"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "no vectors";

    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
