using System.ComponentModel;
using System.Diagnostics;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Drills;

/// <summary>A small command of the system, run to its end.</summary>
internal static class SystemCommand
{
    /// <returns>What it has printed; null: there is no such command, or it failed.</returns>
    /// <exception cref="StartException">It has not ended within the limit.</exception>
    public static async Task<string?> RunAsync(string name, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(limit);
            return await ReadAsync(process, end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartException($"'{name}' has not ended within {limit.TotalSeconds:0} s");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task<string?> ReadAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await errors;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
