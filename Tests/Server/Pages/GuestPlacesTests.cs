using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Tests.Server.P2pApi;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>How many pages strangers may hold open, and what those see who find no place.</summary>
public sealed class GuestPlacesTests(Browser browser)
{
    private const string Guest = "node.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuses_guests_beyond_the_limit_and_nobody_else()
    {
        await using var node = await StartAsync();
        var places = node.Server.Server.Guests;
        await using var one = new Connection();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await one.OpenAsync(node, Guest));
        for (var i = 1; i < GuestPlaces.Max; i++)
        {
            Assert.True(places.TryTake());
        }

        await using var guest = new Connection();
        await using var local = new Connection();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await guest.OpenAsync(node, Guest));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await NegotiateAsync(node, Guest));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await local.OpenAsync(node, null));
        Assert.Equal(HttpStatusCode.OK, await NegotiateAsync(node, null));
        places.GiveBack();
        await using var next = new Connection();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await next.OpenAsync(node, Guest));
        Assert.True(places.AreTaken);
    }

    /// <summary>Else who polls would hold pages open that nobody has counted.</summary>
    [Theory]
    [InlineData(Guest, HttpStatusCode.UpgradeRequired)]
    [InlineData(null, HttpStatusCode.BadRequest)]
    public async Task Connects_guests_by_a_WebSocket_alone(string? host, HttpStatusCode status)
    {
        await using var node = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.Host = host;

        using var response = await node.Http.SendAsync(request, Cancellation);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_page_that_may_come_back_has_its_place()
    {
        var places = new GuestPlaces();
        var circuit = new GuestCircuit(VisitorWith(), places);
        for (var i = 1; i < GuestPlaces.Max; i++)
        {
            Assert.True(places.TryTake());
        }

        await circuit.OnConnectionDownAsync(null!, Cancellation);
        await circuit.OnConnectionDownAsync(null!, Cancellation);
        Assert.True(places.AreTaken);
        await circuit.OnCircuitClosedAsync(null!, Cancellation);
        Assert.False(places.AreTaken);
        await circuit.OnConnectionDownAsync(null!, Cancellation);
        await circuit.OnConnectionUpAsync(null!, Cancellation);
        await circuit.OnCircuitClosedAsync(null!, Cancellation);
        Assert.True(places.TryTake());
        Assert.True(places.AreTaken);
    }

    [Fact]
    public async Task Who_may_act_needs_no_place()
    {
        var places = new GuestPlaces();
        var circuit = new GuestCircuit(VisitorWith(new Claim(PageAccess.TrustClaim, "local")), places);
        for (var i = 1; i < GuestPlaces.Max; i++)
        {
            Assert.True(places.TryTake());
        }

        await circuit.OnConnectionDownAsync(null!, Cancellation);

        Assert.False(places.AreTaken);
    }

    [Theory]
    [InlineData("/swarm")]
    [InlineData("/chat")]
    [InlineData("/loaded")]
    public async Task Shows_the_page_as_it_is_to_who_finds_no_place(string path)
    {
        await using var node = await StartAsync();
        var places = node.Server.Server.Guests;
        while (places.TryTake())
        {
        }

        await using var guest = await browser.OpenAsync(GuestAddress(node));
        await using var local = await browser.OpenAsync(node.Http.BaseAddress!);
        await guest.Page.GotoAsync(path);
        await local.GoAsync(path);

        await Assertions.Expect(guest.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
        await Assertions.Expect(guest.Page.GetByText("Too many look at this node")).ToBeVisibleAsync();
        await Assertions.Expect(local.Page.GetByText("Too many look at this node")).ToHaveCountAsync(0);
        places.GiveBack();
        await guest.Page.GetByRole(AriaRole.Link, new() { Name = "Load it again" }).ClickAsync();
        await guest.ConnectedAsync();
        Assert.EndsWith(path, guest.Page.Url, StringComparison.Ordinal);
        guest.AssertClean();
        local.AssertClean();
    }

    /// <summary>The last place was taken between the page and its connection.</summary>
    [Fact]
    public async Task Says_so_too_where_the_page_has_come_before()
    {
        await using var node = await StartAsync();
        await using var guest = await browser.OpenAsync(GuestAddress(node));
        await guest.Page.RouteAsync("**/_blazor/negotiate*", route =>
        {
            while (node.Server.Server.Guests.TryTake())
            {
            }

            return route.ContinueAsync();
        });

        await guest.Page.GotoAsync("/swarm");

        await Assertions.Expect(guest.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("too many look at this node");
        await Assertions.Expect(guest.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Swarm");
    }

    // Any name below localhost is this machine, but none that only this machine has.
    private static Uri GuestAddress(SwarmServer node) => new UriBuilder(node.Http.BaseAddress!) { Host = "guest.localhost" }.Uri;

    private static Task<SwarmServer> StartAsync() => SwarmServer.StartAsync(options => options with { IsUiPublic = true });

    private static Visitor VisitorWith(params Claim[] claims) =>
        new(new FixedState(new ClaimsPrincipal(new ClaimsIdentity(claims))), new PageSessions(TimeProvider.System));

    private static async Task<HttpStatusCode> NegotiateAsync(SwarmServer node, string? host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Host = host;
        using var response = await node.Http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private sealed class FixedState(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }

    /// <summary>A page's.</summary>
    private sealed class Connection : IAsyncDisposable
    {
        private readonly ClientWebSocket _socket = new();

        public async Task<HttpStatusCode> OpenAsync(SwarmServer node, string? host)
        {
            _socket.Options.CollectHttpResponseDetails = true;
            if (host is not null)
            {
                _socket.Options.SetRequestHeader("Host", host);
            }

            try
            {
                await _socket.ConnectAsync(new UriBuilder(node.Http.BaseAddress!) { Scheme = "ws", Path = "/_blazor" }.Uri, Cancellation);
            }
            catch (WebSocketException)
            {
                // The status says why.
            }

            return _socket.HttpStatusCode;
        }

        public ValueTask DisposeAsync()
        {
            _socket.Dispose();
            return default;
        }
    }
}
