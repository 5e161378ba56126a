using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>A browser's window with one page, which remembers what went wrong in it. Closed with the test.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    /// <summary>How long a page may take for what is waited for: long enough for a machine that does ten other things.</summary>
    private const int PatienceMilliseconds = 120_000;

    // All windows have one clipboard.
    private static readonly SemaphoreSlim Clipboard = new(1, 1);

    private readonly IBrowserContext _context;
    private readonly Uri _origin;
    private readonly ConcurrentQueue<string> _foreign = [];
    private readonly ConcurrentQueue<string> _errors = [];

    public BrowserPage(IBrowserContext context, IPage page, Uri origin)
    {
        (_context, Page, _origin) = (context, page, origin);
        context.SetDefaultTimeout(PatienceMilliseconds);
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        page.Request += (_, request) => Note(request.Url);
        page.WebSocket += (_, socket) => Note(socket.Url);
        page.Console += (_, message) =>
        {
            // A policy that was violated is an error, too.
            if (message.Type == "error")
            {
                _errors.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>The addresses of requests that went to another origin.</summary>
    public IReadOnlyCollection<string> Foreign => _foreign;

    /// <summary>What the console says is wrong, violations of the content security policy among it.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Goes to a page, and waits until it answers to clicks.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await ConnectedAsync();
    }

    /// <summary>Waits until the page answers to clicks.</summary>
    public Task ConnectedAsync() => Page.Locator("main[data-connected=true]").WaitForAsync();

    /// <summary>Presses a button, and waits until the clipboard has a text.</summary>
    public async Task CopiesAsync(ILocator button, string expected)
    {
        await Clipboard.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await button.ClickAsync();
            await Page.WaitForFunctionAsync("async expected => await navigator.clipboard.readText() === expected", expected);
        }
        finally
        {
            Clipboard.Release();
        }
    }

    /// <summary>Nothing went to another origin, and nothing is wrong.</summary>
    public void AssertClean()
    {
        Assert.Empty(Foreign);
        Assert.Empty(Errors);
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(string url)
    {
        var uri = new Uri(url);
        if (uri.Scheme is not ("data" or "blob") && uri.Authority != _origin.Authority)
        {
            _foreign.Enqueue(url);
        }
    }
}
