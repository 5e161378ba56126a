using System.Diagnostics;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>Runs an explicit test in a process of its own: for what a process does only once, or must not have done.</summary>
internal static class ChildTest
{
    /// <summary>Requires that the test ran and passed.</summary>
    /// <param name="testClass">The class of the test.</param>
    /// <param name="method">The test, marked <c>[Fact(Explicit = true)]</c>.</param>
    /// <param name="environment">Variables that only the child gets.</param>
    public static async Task RequireSuccessAsync(Type testClass, string method, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(testClass.Assembly.Location);
        }

        foreach (var argument in (string[])["-explicit", "only", "-noColor", "-method", $"{testClass.FullName}.{method}"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
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
