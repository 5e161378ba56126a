using System.Net;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Tests.Server.P2pApi;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>Where keys are set, pages ask for one.</summary>
public sealed class SignInTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leads_from_a_page_to_the_form_and_back()
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);

        using var first = await browser.GetAsync("/swarm", Cancellation);
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?next=%2Fswarm"), (first.StatusCode, first.Headers.Location!.OriginalString));

        var form = await browser.GetStringAsync("/sign-in?next=%2Fswarm", Cancellation);
        Assert.Contains("value=\"/swarm\"", form, StringComparison.Ordinal);

        using var signedIn = await SignInAsync(browser, "second-key", "/swarm");
        Assert.Equal((HttpStatusCode.SeeOther, "/swarm"), (signedIn.StatusCode, signedIn.Headers.Location!.OriginalString));
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Matches($"^managedswarm-session-{node.Http.BaseAddress!.Port}=[0-9a-f]{{64}}; max-age=43200; path=/; samesite=strict; httponly$", cookie);

        Assert.Contains("Sign out", await browser.GetStringAsync("/swarm", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signs_out()
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);
        (await SignInAsync(browser, "first-key")).Dispose();

        (await browser.PostAsync("/sign-out", null, Cancellation)).Dispose();

        using var response = await browser.GetAsync("/swarm", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    /// <summary>A session opens pages, not the API: that has keys, and no protection against other sites' forms.</summary>
    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/api/p2p/token")]
    [InlineData("/metrics")]
    public async Task Opens_nothing_but_pages(string path)
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);
        (await SignInAsync(browser, "first-key")).Dispose();

        using var response = await browser.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/_blazor")]
    public async Task Keeps_the_connection_closed_without_a_key(string path)
    {
        await using var node = await StartAsync();

        using var response = await node.Http.PostAsync(path, null, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Takes_a_key_in_the_header_too()
    {
        await using var node = await StartAsync();
        node.Http.DefaultRequestHeaders.Authorization = new("Bearer", "first-key");

        using var response = await node.Http.GetAsync("/swarm", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Refuses_a_form_of_another_site()
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);
        browser.DefaultRequestHeaders.Add("Origin", "http://evil.example");

        using var response = await SignInAsync(browser, "first-key");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/api/settings")]
    [InlineData("swarm")]
    [InlineData("")]
    public async Task Leads_to_its_own_pages_alone(string next)
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);

        using var response = await SignInAsync(browser, "first-key", next);

        Assert.Equal("/", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Limits_guesses()
    {
        await using var node = await StartAsync();
        using var browser = Browser(node);
        for (var i = 0; i < GuessLimit.MaxGuesses; i++)
        {
            using var wrong = await SignInAsync(browser, $"guess-{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var limited = await SignInAsync(browser, "first-key");

        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
    }

    [Fact]
    public void A_session_ends_after_its_time()
    {
        var time = new FakeTimeProvider();
        var sessions = new PageSessions(time);
        var id = sessions.Begin();

        time.Advance(PageSessions.Lifetime - TimeSpan.FromSeconds(1));
        Assert.True(sessions.IsAlive(id));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(sessions.IsAlive(id));
    }

    [Fact]
    public void The_oldest_session_ends_where_there_are_too_many()
    {
        var sessions = new PageSessions(TimeProvider.System);
        var ids = Enumerable.Range(0, PageSessions.MaxSessions + 1).Select(_ => sessions.Begin()).ToList();

        Assert.False(sessions.IsAlive(ids[0]));
        Assert.All(ids.Skip(1), id => Assert.True(sessions.IsAlive(id)));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Guesses_are_counted_by_place_and_forgotten()
    {
        var time = new FakeTimeProvider();
        var limit = new GuessLimit(time);
        var (one, neighbour, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::ffff"), IPAddress.Parse("2001:db9::1"));
        for (var i = 0; i < GuessLimit.MaxGuesses; i++)
        {
            Assert.True(limit.TryBegin(one));
        }

        Assert.False(limit.TryBegin(neighbour));
        Assert.True(limit.TryBegin(other));
        time.Advance(GuessLimit.Window);
        Assert.True(limit.TryBegin(neighbour));
    }

    [Fact]
    public void Guesses_from_too_many_places_have_to_wait()
    {
        var time = new FakeTimeProvider();
        var limit = new GuessLimit(time);
        for (var i = 0; i < GuessLimit.MaxPlaces; i++)
        {
            Assert.True(limit.TryBegin(new IPAddress([10, 0, (byte)(i / 256), (byte)i])));
        }

        Assert.False(limit.TryBegin(IPAddress.Parse("192.0.2.1")));
        time.Advance(GuessLimit.Window);
        Assert.True(limit.TryBegin(IPAddress.Parse("192.0.2.1")));
    }

    private static Task<SwarmServer> StartAsync() =>
        SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("first-key"), new ApiKey("second-key")] });

    private static HttpClient Browser(SwarmServer node) => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = node.Http.BaseAddress };

    private static Task<HttpResponseMessage> SignInAsync(HttpClient browser, string key, string next = "/") =>
        browser.PostAsync("/sign-in", new FormUrlEncodedContent([new("key", key), new("next", next)]), Cancellation);
}
