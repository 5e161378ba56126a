using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>
/// Runs a test again in a process of its own: for what a process does only once, or must not have done, or does on another machine.
/// </summary>
internal sealed class ChildTest : IAsyncDisposable
{
    private const string ChildVariable = "MANAGEDSWARM_TEST_CHILD";

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task<string> _errors;

    private ChildTest(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Whether this process was started for one test.</summary>
    public static bool IsChild { get; } = Environment.GetEnvironmentVariable(ChildVariable) == "1";

    /// <summary>Runs the calling test in a process of its own, where <see cref="IsChild"/> is true; it must pass there.</summary>
    /// <param name="testClass">The class of the test.</param>
    /// <param name="environment">Variables that only the child gets.</param>
    /// <param name="method">The test.</param>
    public static async Task RunAgainAsync(
        Type testClass, (string Name, string Value)[]? environment = null, [CallerMemberName] string method = "")
    {
        await using var child = Start(testClass, environment ?? [], [], method);
        await child.RequirePassAsync();
    }

    /// <summary>Starts a test in a process of its own, where <see cref="IsChild"/> is true.</summary>
    /// <param name="testClass">The class of the test.</param>
    /// <param name="environment">Variables that only the child gets.</param>
    /// <param name="launcher">What starts it: put before its path and parameters.</param>
    /// <param name="method">The test.</param>
    public static ChildTest Start(Type testClass, (string Name, string Value)[] environment, string[] launcher, string method)
    {
        List<string> command = [.. launcher, Environment.ProcessPath!];
        if (Path.GetFileNameWithoutExtension(command[^1]) == "dotnet")
        {
            command.Add(testClass.Assembly.Location);
        }

        command.AddRange(["-noColor", "-method", $"{testClass.FullName}.{method}"]);
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ChildVariable] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>In the child: says something to the parent, by a line.</summary>
    public static void Say(string key, string value) => Console.Out.WriteLine($"{key}: {value}");

    /// <summary>In the child: waits until the parent wants it to end, or is gone.</summary>
    public static Task WaitForEndAsync() => Task.Run(() => Console.In.ReadToEnd());

    /// <summary>What the child says next by a key. One call at a time.</summary>
    public async Task<string> ListenAsync(string key, TimeSpan timeout)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(timeout);
            while (await ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith($"{key}: ", StringComparison.Ordinal))
                {
                    return line[(key.Length + 2)..];
                }
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The child does not say '{key}' within {timeout}, but:\n{string.Join('\n', _lines)}");
        }

        throw new InvalidOperationException($"The child has ended and not said '{key}':\n{string.Join('\n', _lines)}\n{await _errors}");
    }

    /// <summary>Lets it end, and requires that it passes.</summary>
    public async Task RequirePassAsync()
    {
        _process.StandardInput.Close();
        var cancellationToken = TestContext.Current.CancellationToken;
        while (await ReadLineAsync(cancellationToken) is not null)
        {
        }

        await _process.WaitForExitAsync(cancellationToken);
        var log = $"{string.Join('\n', _lines)}\n{await _errors}";
        Assert.True(_process.ExitCode == 0, log);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", log, StringComparison.Ordinal);
    }

    /// <summary>Ends it, however far it is.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _errors;
        _process.Dispose();
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is not null)
        {
            _lines.Add(line);
        }

        return line;
    }
}
