using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>The page of the swarm in a browser, with a swarm that does what the test says.</summary>
public sealed class SwarmPageTests(Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begins_a_swarm_at_the_press_of_a_button()
    {
        await using var node = await SwarmServer.StartAsync(joined: false);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm");

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Begin a swarm" }).ClickAsync();

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Add a machine" })).ToBeVisibleAsync();
        Assert.NotNull(node.Service.Current);
        window.AssertClean();
    }

    [Fact]
    public async Task Joins_the_swarm_of_a_token()
    {
        var token = SwarmToken.Generate();
        await using var node = await SwarmServer.StartAsync(joined: false);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm");

        await window.Page.GetByLabel("The token that another node shows").FillAsync("mswarm1:wrong");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByText("It did not work")).ToBeVisibleAsync();
        await window.Page.GetByLabel("The token that another node shows").FillAsync(token.Reveal());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();

        await Assertions.Expect(window.Page.GetByText(new SwarmKeys(token).Network)).ToBeVisibleAsync();
    }

    /// <summary>The token is not on the page before somebody asks for it; what is copied is what is shown then.</summary>
    [Fact]
    public async Task Copies_what_it_shows()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm?tab=join");
        var secret = node.Swarm.Token.Reveal();
        Assert.DoesNotContain(secret, await window.Page.ContentAsync(), StringComparison.Ordinal);

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("#token")).ToHaveTextAsync(secret);
        await CopiesAsync("Copy the token", secret);
        foreach (var (place, isHere) in new[] { ("on another machine", false), ("on this machine", true) })
        {
            await window.Page.GetByRole(AriaRole.Radio, new() { Name = place }).CheckAsync();
            await Assertions.Expect(window.Page.GetByText("in the place of")).ToHaveCountAsync(isHere ? 0 : 1);
            foreach (var (name, label) in new[] { ("worker", "A worker"), ("instance", "An instance"), ("router", "A router") })
            {
                var shown = await window.Page.Locator($"[data-command={name}]").InnerTextAsync();
                Assert.Contains(secret, shown, StringComparison.Ordinal);
                await CopiesAsync($"Copy the command: {label}", shown);
            }
        }

        Assert.Equal(JoinCommands.Worker(node.Swarm.Token, null, JoinCommands.Here).Text, await window.Page.Locator("[data-command=worker]").InnerTextAsync());
        window.AssertClean();

        Task CopiesAsync(string button, string expected) => window.CopiesAsync(window.Page.GetByRole(AriaRole.Button, new() { Name = button }), expected);
    }

    [Fact]
    public async Task Shows_no_secret_and_no_buttons_to_who_only_looks()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { IsUiPublic = true });
        node.Swarm.Others.Add(FakeSwarms.Member("w0", roles: NodeRole.Worker));
        // A name that is not this machine's own: whoever comes by it may be anybody.
        await using var window = await browser.OpenAsync(new Uri($"http://guest.localhost:{node.Http.BaseAddress!.Port}"));
        await window.GoAsync("/swarm?tab=join");
        await Assertions.Expect(window.Page.GetByText("on this machine only")).ToBeVisibleAsync();
        Assert.DoesNotContain("mswarm1", await window.Page.ContentAsync(), StringComparison.Ordinal);

        await window.GoAsync("/swarm");

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "w0" })).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Drain" })).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    public async Task Changes_the_card_of_a_node_and_no_other_one()
    {
        await using var node = await SwarmServer.StartAsync();
        var (one, other) = (FakeSwarms.Member("w0", roles: NodeRole.Worker), FakeSwarms.Member("w1", roles: NodeRole.Worker));
        node.Swarm.Others.AddRange([one, other]);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm");
        await window.Page.EvaluateAsync("""
            id => {
                window.changes = 0;
                new MutationObserver(() => window.changes++)
                    .observe(document.querySelector(`[data-node="${id}"]`), { subtree: true, childList: true, attributes: true, characterData: true });
            }
            """, $"{other.Id}");

        var busy = one with { Facts = one.Facts with { Load = new(3, 2) { TokensPerSecond = 77 } } };
        node.Swarm.Others[0] = busy;
        node.Swarm.Raise(SwarmEventKind.Updated, busy);

        var card = window.Page.Locator($"[data-node='{one.Id}']");
        await Assertions.Expect(card.Locator("[data-field=speed]")).ToHaveTextAsync("77 tokens/s");
        await Assertions.Expect(card.Locator("[data-field=in-flight]")).ToHaveTextAsync("3");
        Assert.Equal(0, await window.Page.EvaluateAsync<int>("window.changes"));
        node.Swarm.Others[0] = busy with { State = MemberState.Lost };
        node.Swarm.Raise(SwarmEventKind.Lost, node.Swarm.Others[0]);
        await Assertions.Expect(card).ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\blost\b"));
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("w0 is lost");
    }

    /// <summary>What is new comes over the connection that is open: nothing is asked for again and again.</summary>
    [Fact]
    public async Task Weighs_little_and_asks_for_nothing_more()
    {
        await using var node = await SwarmServer.StartAsync();
        var worker = FakeSwarms.Member("w0", roles: NodeRole.Worker);
        node.Swarm.Others.Add(worker);
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm");
        var bytes = await window.Page.EvaluateAsync<long>(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0)");
        Assert.InRange(bytes, 10 * 1024, 400 * 1024);

        var later = 0;
        window.Page.Request += (_, _) => Interlocked.Increment(ref later);
        for (var queued = 1; queued <= 5; queued++)
        {
            node.Swarm.Others[0] = worker with { Facts = worker.Facts with { Load = new(0, queued) } };
            node.Swarm.Raise(SwarmEventKind.Updated, node.Swarm.Others[0]);
            await Assertions.Expect(window.Page.Locator($"[data-node='{worker.Id}'] [data-field=queued]")).ToHaveTextAsync($"{queued}");
        }

        Assert.Equal(0, later);
    }

    [Fact]
    public async Task Unloads_a_model_when_it_is_confirmed()
    {
        await using var node = await SwarmServer.StartAsync();
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.GoAsync("/swarm");

        await window.Page.GetByRole(AriaRole.Button, new() { Name = $"Unload {FakeModel.DefaultId}?" }).ClickAsync();
        Assert.NotNull(node.Server.Server.Models.Current);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = $"Unload {FakeModel.DefaultId}", Exact = true }).ClickAsync();

        await Assertions.Expect(window.Page.GetByText($"{FakeModel.DefaultId} is unloaded.")).ToBeVisibleAsync();
        Assert.Null(node.Server.Server.Models.Current);
    }

    /// <summary>Whoever signs out elsewhere finds no buttons any more on a page that is still open; that pressing them would do nothing is tested apart.</summary>
    [Fact]
    public async Task Takes_its_buttons_from_a_session_that_has_ended()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("secret-key")] });
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.Page.GotoAsync("/swarm");
        await window.Page.GetByLabel("Key").FillAsync("secret-key");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.ConnectedAsync();
        var button = window.Page.GetByRole(AriaRole.Button, new() { Name = $"Unload {FakeModel.DefaultId}?" });
        await Assertions.Expect(button).ToBeVisibleAsync();
        await window.Page.EvaluateAsync("fetch('/sign-out', { method: 'POST' })");

        node.Swarm.Raise(SwarmEventKind.Joined, FakeSwarms.Member("w0"));

        await Assertions.Expect(button).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Shows_no_token_to_a_session_that_has_ended()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("secret-key")] });
        await using var window = await browser.OpenAsync(node.Http.BaseAddress!);
        await window.Page.GotoAsync("/swarm");
        await window.Page.GetByLabel("Key").FillAsync("secret-key");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.ConnectedAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("#token")).ToHaveTextAsync(node.Swarm.Token.Reveal());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Hide" }).ClickAsync();
        var show = await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ElementHandleAsync();

        // At once: a page that is drawn anew in between has no such button any more.
        await show.EvaluateAsync("async show => { await fetch('/sign-out', { method: 'POST' }); show.click(); }");
        node.Swarm.Raise(SwarmEventKind.Joined, FakeSwarms.Member("w0"));

        // What comes later is there, so the click was heard.
        await Assertions.Expect(window.Page.GetByText("on this machine only")).ToBeVisibleAsync();
        Assert.DoesNotContain(node.Swarm.Token.Reveal(), await window.Page.ContentAsync(), StringComparison.Ordinal);
    }
}
