using System.Diagnostics;

namespace ManagedSwarm.Bench.Peers;

/// <summary>Runs a program to its end.</summary>
internal static class PeerProcess
{
    /// <summary>What it wrote to standard output, or to both outputs.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has the end of its standard error.</exception>
    public static string Run(string program, IEnumerable<string> arguments, bool withErrors)
    {
        // Some write log files to where they run.
        var start = new ProcessStartInfo(Path.GetFullPath(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            var text = errors.Result.TrimEnd();
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {text[Math.Max(0, text.Length - 500)..]}");
        }

        return withErrors ? output + "\n" + errors.Result : output;
    }
}
