using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.Pages.Swarm;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>Makes the pictures of the Chat and the Models page in <c>docs/screenshots</c> anew, where <c>MANAGEDSWARM_SCREENSHOTS</c> is set.</summary>
public sealed class ChatScreenshots(Browser browser)
{
    private const string Variable = "MANAGEDSWARM_SCREENSHOTS";
    private const string Phone = "chat-phone";

    [Fact]
    public async Task Takes_pictures()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is null, $"pictures are made where {Variable} is set");
        await using var swarm = await PageSwarm.StartAsync();
        await swarm.Head.ShowsAsync(
            "/api/swarm", (JsonNode node) => node["members"]![0]!["models"]!.AsArray() is [{ } model] && ((string)model["hash"]!).Length > 0);
        // The first reply pays for compiling.
        await swarm.ReplyAsync();

        var address = swarm.Head.Http.BaseAddress!;
        await ChatAsync(address, "chat-light", options => Size(options, 1280));
        await ChatAsync(address, "chat-dark", options => Size(options, 1280).ColorScheme = ColorScheme.Dark);
        await ChatAsync(address, Phone, options => Size(options, 390).IsMobile = true);
        await using var models = await browser.OpenAsync(address, options => Size(options, 1280));
        await models.GoAsync("/loaded");
        await TakeAsync(models.Page, "models-light", isWhole: true);
    }

    private static BrowserNewContextOptions Size(BrowserNewContextOptions options, int width)
    {
        options.ViewportSize = new() { Width = width, Height = 844 };
        options.DeviceScaleFactor = width < 500 ? 2 : 1.5f;
        return options;
    }

    private async Task ChatAsync(Uri address, string name, Action<BrowserNewContextOptions> configure)
    {
        await using var chat = await ChatWindow.OpenAsync(browser, address, configure);
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
        if (name != Phone)
        {
            await chat.Page.Locator(".chat-facts summary").ClickAsync();
        }

        await chat.Page.EvaluateAsync("document.documentElement.scrollTop = 0");
        await TakeAsync(chat.Page, name, isWhole: false);
    }

    private static async Task TakeAsync(IPage page, string name, bool isWhole) => await page.ScreenshotAsync(new()
    {
        Path = Repository.File($"docs/screenshots/{name}.png"),
        FullPage = isWhole,
        Animations = ScreenshotAnimations.Disabled,
    });
}
