using ManagedSwarm.Tests.Server.P2pApi;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>What all pages have in common, in a browser.</summary>
public sealed class LayoutTests(Browser browser)
{
    [Fact]
    public async Task Connects_and_asks_nobody_else()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);

        await window.GoAsync("/swarm");

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Swarm");
        window.AssertClean();
    }

    [Fact]
    public async Task Is_readable_without_scripts()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!, options => options.JavaScriptEnabled = false);

        await window.Page.GotoAsync("/swarm");

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Swarm");
        await Assertions.Expect(window.Page.GetByText("JavaScript is off")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Asks_for_a_key()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new("secret-key")] });
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.Page.GotoAsync("/swarm");

        await window.Page.GetByLabel("Key").FillAsync("secret-key");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.ConnectedAsync();

        Assert.EndsWith("/swarm", window.Page.Url, StringComparison.Ordinal);
        window.AssertClean();
    }

    /// <summary>The server ends although a page is open.</summary>
    [Fact]
    public async Task Does_not_keep_the_server_from_ending()
    {
        var node = await SwarmServer.StartAsync(options => options with { DrainTimeout = TimeSpan.FromMinutes(5), CloseTimeout = TimeSpan.FromMinutes(5) });
        await using (var window = await browser.OpenAsync(node.Http.BaseAddress!))
        {
            await window.GoAsync("/swarm");

            await node.Server.Server.StopAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }

        await node.DisposeAsync();
    }
}
