using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.EndToEnd;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>Pictures of the Chat and the Models page for <c>docs/screenshots</c>: a head with two workers, and replies that are the same each time.</summary>
public sealed class ChatScreenshots(Browser browser) : IDisposable
{
    /// <summary>The folder that pictures are put into; without it, none are made.</summary>
    private const string Variable = "MANAGEDSWARM_SCREENSHOTS";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Are_made_where_a_folder_is_named()
    {
        var target = Environment.GetEnvironmentVariable(Variable) ?? "";
        Assert.SkipWhen(target.Length == 0, $"{Variable} names no folder");
        await using var workers = await Workers.StartAsync(_folder, 2);
        await using var head = NodeProgram.Start(
            _folder.File("head"),
            [
                "run", ServedFile.Tales, "--token", workers.Token, "--address", "127.0.0.1:0", "--node-name", "desk", .. NodeProgram.Loopback,
                "--layers", "self=0..0", "--layers", "w0=1..2", "--layers", "w1=3..3",
            ]);
        await head.ServesAsync();
        await head.ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["members"]![0]!["models"]!.AsArray() is [{ } model] && ((string)model["hash"]!).Length > 0);

        await ChatAsync(head, Path.Combine(target, "chat-light.png"), _ => { });
        await ChatAsync(head, Path.Combine(target, "chat-dark.png"), options => options.ColorScheme = ColorScheme.Dark);
        await ChatAsync(head, Path.Combine(target, "chat-phone.png"), options => (options.ViewportSize, options.IsMobile, options.DeviceScaleFactor) = (new() { Width = 390, Height = 844 }, true, 2));
        await using var models = await browser.OpenAsync(head.Http.BaseAddress!);
        await models.GoAsync("/loaded");
        await models.Page.ScreenshotAsync(new() { Path = Path.Combine(target, "models-light.png") });
    }

    private async Task ChatAsync(NodeProgram head, string path, Action<BrowserNewContextOptions> configure)
    {
        await using var chat = await ChatWindow.OpenAsync(browser, head.Http.BaseAddress!, configure);
        await chat.Button("Settings").ClickAsync();
        var temperature = chat.Page.Locator("#chat-settings").GetByLabel("Temperature");
        await temperature.FillAsync("0");
        await temperature.BlurAsync();
        await chat.Button("Close").ClickAsync();
        await chat.AskAsync("Tell me a story about a brave snail.");
        await chat.RepliedAsync(1);
        await chat.Page.Locator(".chat-history button.primary").DispatchEventAsync("click");
        await Assertions.Expect(chat.Replies).ToHaveCountAsync(0);
        await chat.AskAsync("Tell me a story about a fox and a lantern.");
        await chat.RepliedAsync(1);
        await chat.Page.Locator(".chat-facts summary").ClickAsync();
        // From the very top.
        await chat.Page.EvaluateAsync("document.documentElement.scrollTop = 0");
        await chat.Page.ScreenshotAsync(new() { Path = path });
    }
}
