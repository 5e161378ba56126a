using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>Runs a test again in a process of its own: for what a process does only once, or must not have done.</summary>
internal static class ChildTest
{
    private const string ChildVariable = "MANAGEDSWARM_TEST_CHILD";

    /// <summary>Whether this process was started for one test.</summary>
    public static bool IsChild { get; } = Environment.GetEnvironmentVariable(ChildVariable) == "1";

    /// <summary>Runs the calling test in a process of its own, where <see cref="IsChild"/> is true, and requires that it passes there.</summary>
    /// <param name="testClass">The class of the test.</param>
    /// <param name="environment">Variables that only the child gets.</param>
    /// <param name="method">The test.</param>
    public static async Task RunAgainAsync(Type testClass, (string Name, string Value)[]? environment = null, [CallerMemberName] string method = "")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(testClass.Assembly.Location);
        }

        foreach (var argument in (string[])["-noColor", "-method", $"{testClass.FullName}.{method}"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ChildVariable] = "1";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using var child = Process.Start(start)!;
        var cancellationToken = TestContext.Current.CancellationToken;
        var output = child.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = child.StandardError.ReadToEndAsync(cancellationToken);
        await child.WaitForExitAsync(cancellationToken);
        var log = $"{await output}\n{await errors}";
        Assert.True(child.ExitCode == 0, log);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", log, StringComparison.Ordinal);
    }
}
