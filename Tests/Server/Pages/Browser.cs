using System.Runtime.InteropServices;
using ManagedSwarm.Tests.Server.Pages;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>
/// One browser for all tests of pages: a Chromium that is installed, at <c>MANAGEDSWARM_CHROMIUM</c> or on the path. Started by the first
/// test that needs it. Tests are skipped where there is none.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Variable = "MANAGEDSWARM_CHROMIUM";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    // Nothing of the browser's own goes over the network, and none of it needs a GPU; root may not use its sandbox.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    // A machine that does ten other things takes more than the usual half a minute.
    private const float StartMilliseconds = 180_000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The program; null: there is none.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : Find();

    public ValueTask InitializeAsync() => default;

    /// <summary>Opens a window of its own, with neither cookies nor storage; skips the test where there is no browser.</summary>
    /// <param name="origin">Where the page is: whatever goes elsewhere is remembered in <see cref="BrowserPage.Foreign"/>.</param>
    /// <param name="configure">Changes the window.</param>
    internal async Task<BrowserPage> OpenAsync(Uri origin, Action<BrowserNewContextOptions>? configure = null)
    {
        Assert.SkipWhen(Path is null, $"no Chromium is on the path, and {Variable} names none");
        var options = new BrowserNewContextOptions
        {
            BaseURL = origin.ToString(),
            Permissions = ["clipboard-read", "clipboard-write"],
            ViewportSize = new() { Width = 1280, Height = 900 },
        };
        configure?.Invoke(options);
        var context = await (await StartedAsync()).NewContextAsync(options);
        return new(context, await context.NewPageAsync(), origin);
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? default);
        _playwright?.Dispose();
        _turn.Dispose();
    }

    private async Task<IBrowser> StartedAsync()
    {
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = Arguments, Timeout = StartMilliseconds });
        }
        finally
        {
            _turn.Release();
        }
    }

    private static string? Find()
    {
        var extension = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? ".exe" : "";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => folders.Select(folder => System.IO.Path.Combine(folder, name + extension))).FirstOrDefault(File.Exists);
    }
}
