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

    /// <summary>Begins another chat, and waits until it is there: it empties the field of the question, too.</summary>
    public async Task BeginAsync()
    {
        await Button("New chat").ClickAsync();
        await Assertions.Expect(Page.Locator(".chat-welcome")).ToBeVisibleAsync();
    }

    /// <summary>Types a question, and sends it by Enter, which does nothing while there is no model.</summary>
    public async Task AskAsync(string question)
    {
        await Assertions.Expect(Button("Send")).ToBeEnabledAsync();
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

    /// <summary>Waits until the browser keeps so many chats with a reply: that is a moment later than it is seen.</summary>
    public Task KeptAsync(int count) => Page.WaitForFunctionAsync(
        """
        count => Object.values(localStorage)
            .filter(text => text.startsWith('{"version"') && text.includes('"facts":{'))
            .length === count
        """,
        count);

    public ValueTask DisposeAsync() => Window.DisposeAsync();
}
