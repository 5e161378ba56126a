using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>The chat page in a browser.</summary>
internal sealed class ChatWindow : IAsyncDisposable
{
    private ChatWindow(BrowserPage window) => Window = window;

    public BrowserPage Window { get; }

    public IPage Page => Window.Page;

    public ILocator Question => Page.GetByRole(AriaRole.Textbox, new() { Name = "Question" });

    /// <summary>Replies that are over.</summary>
    public ILocator Replies => Page.Locator(".chat-reply:not(.chat-running)");

    public ILocator Running => Page.Locator(".chat-running");

    public static async Task<ChatWindow> OpenAsync(Browser browser, Uri address, Action<BrowserNewContextOptions>? configure = null)
    {
        var window = new ChatWindow(await browser.OpenAsync(address, configure));
        await window.Window.GoAsync("/chat");
        await Assertions.Expect(window.Button("Send")).ToBeEnabledAsync();
        return window;
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Types a question, and sends it by Enter.</summary>
    public async Task AskAsync(string question)
    {
        await Question.FillAsync(question);
        await Question.PressAsync("Enter");
    }

    /// <summary>Waits until there are so many replies, none of them on its way.</summary>
    /// <returns>The last one's text.</returns>
    public async Task<string> RepliedAsync(int count)
    {
        await Assertions.Expect(Replies).ToHaveCountAsync(count);
        await Assertions.Expect(Running).ToHaveCountAsync(0);
        return await Replies.Last.Locator(".chat-text").InnerTextAsync();
    }

    public ValueTask DisposeAsync() => Window.DisposeAsync();
}
