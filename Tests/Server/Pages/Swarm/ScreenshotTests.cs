using ManagedSwarm.Tests.Fixtures;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>Makes the pictures in <c>docs/screenshots</c> anew, where <c>MANAGEDSWARM_SCREENSHOTS</c> is set.</summary>
public sealed class ScreenshotTests(Browser browser)
{
    private const string Variable = "MANAGEDSWARM_SCREENSHOTS";

    [Theory]
    [InlineData("swarm-light", "/swarm", false, 1280)]
    [InlineData("swarm-dark", "/swarm", true, 1280)]
    [InlineData("swarm-phone", "/swarm", false, 390)]
    [InlineData("swarm-join-light", "/swarm?tab=join", false, 1280)]
    [InlineData("swarm-plan-dark", "/swarm?tab=plan", true, 1280)]
    [InlineData("swarm-federation-light", "/swarm?tab=federation", false, 1280)]
    public async Task Takes_a_picture(string name, string path, bool isDark, int width)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is null, $"pictures are made where {Variable} is set");
        await using var swarm = await PageSwarm.StartAsync("--federated", "--route");
        await using var window = await browser.OpenAsync(swarm.Head.Http.BaseAddress!, options =>
        {
            options.ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light;
            options.ViewportSize = new() { Width = width, Height = 800 };
            options.DeviceScaleFactor = width < 500 ? 2 : 1.5f;
        });
        await swarm.ReplyAsync();
        await window.GoAsync(path);
        // So long means are taken over, and records wait before they are sent again.
        for (var i = 0; i < 12; i++)
        {
            await swarm.ReplyAsync(tokens: 200);
        }

        await Assertions.Expect(window.Page.Locator("h1")).ToHaveTextAsync("Swarm");
        var folder = Path.Combine(Path.GetDirectoryName(Repository.File("README.md"))!, "docs", "screenshots");
        await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
    }
}
