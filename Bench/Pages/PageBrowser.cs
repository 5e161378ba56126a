using Microsoft.Playwright;

namespace ManagedSwarm.Bench.Pages;

/// <summary>A Chromium that is installed, at <c>MANAGEDSWARM_CHROMIUM</c> or on the path.</summary>
internal sealed class PageBrowser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private PageBrowser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Its name and version.</summary>
    public string Version => $"Chromium {_browser.Version}";

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static async Task<PageBrowser> StartAsync()
    {
        var path = Environment.GetEnvironmentVariable("MANAGEDSWARM_CHROMIUM") is { Length: > 0 } given ? given : Find();
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments }));
    }

    /// <summary>Opens a page in a window of its own, with nothing kept of others.</summary>
    public async Task<IPage> OpenAsync(Uri address, string path)
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(address, path).ToString());
        await page.Locator("main[data-connected=true]").WaitForAsync();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string Find() =>
        Names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("no Chromium is on the path: install one, or name it by MANAGEDSWARM_CHROMIUM");
}
