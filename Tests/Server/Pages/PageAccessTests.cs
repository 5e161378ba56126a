using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Tests.Server.Commands;
using ManagedSwarm.Tests.Server.Federation;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.Pages;

/// <summary>Who may see pages.</summary>
public sealed class PageAccessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages() => ["/swarm", "/_blazor/negotiate?negotiateVersion=1", "/_blazor/initializers", "/assets/x.css", "/SWARM"];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Shows_pages_to_this_machine_alone(string path)
    {
        await using var node = await SwarmServer.StartAsync();
        string[] refused =
        [
            // Names of strangers that point here (DNS rebinding).
            "Host: evil.example",
            "Host: evil.example:{port}\r\nOrigin: http://evil.example:{port}\r\nSec-Fetch-Site: same-origin",
            "Host: 192.0.2.1:{port}",
            "Host: 127.0.0.1:{port}\r\nX-Forwarded-For: 127.0.0.1",
            "Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe",
        ];

        foreach (var headers in refused)
        {
            Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(node, "GET", path, headers), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("HTTP/1.1 403 ", await SendAsync(node, "GET", path, "Host: localhost:{port}"), StringComparison.Ordinal);
    }

    /// <summary>Browsers open a WebSocket to any site, and tell by Origin alone who has asked for it.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:{port}", "101")]
    [InlineData("http://evil.example", "403")]
    [InlineData("http://localhost:{port}", "403")]
    [InlineData("null", "403")]
    public async Task Opens_the_connection_to_its_own_pages_alone(string origin, string status)
    {
        await using var node = await SwarmServer.StartAsync();

        var answer = await SendAsync(
            node,
            "GET",
            "/_blazor",
            $"Host: 127.0.0.1:{{port}}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            connection: "Upgrade");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task May_be_linked_to()
    {
        await using var node = await SwarmServer.StartAsync();

        var answer = await SendAsync(
            node, "GET", "/swarm", "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_nothing_may_come_from_elsewhere()
    {
        await using var node = await SwarmServer.StartAsync();

        using var response = await node.Http.GetAsync("/swarm", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'self'",
            policy);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.True(response.Headers.CacheControl!.NoStore);
        var page = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("style=", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("//", page.Replace("//www.w3.org/2000/svg", "", StringComparison.Ordinal).Replace("http://127.0.0.1", "", StringComparison.Ordinal)
            .Split("<!--Blazor")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_pages_to_everyone_where_they_are_public()
    {
        await using var node = await SwarmServer.StartAsync(options => options with { IsUiPublic = true });

        Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(node, "GET", "/swarm", "Host: node.example"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(node, "GET", "/api/p2p/token", "Host: node.example"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(node, "GET", "/_blazor/initializers", "Host: node.example\r\nOrigin: http://evil.example"), StringComparison.Ordinal);
    }

    /// <summary>Members of the swarm ask for replies, over streams that need no key.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    [InlineData("/")]
    [InlineData("/sign-in")]
    public async Task Shows_nothing_to_other_members(string path)
    {
        var token = SwarmToken.Generate();
        await using var instance = await FederatedNode.StartInstanceAsync(token, "one", configure: options => options with { ApiKeys = [new ApiKey("its")] });
        await using var other = await FederatedNode.StartInstanceAsync(token, "two", instance);
        await other.SeesAsync(1);
        using var http = other.Over(instance);

        using var response = await http.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    /// <summary>The start page is the chat where there is somebody to talk to.</summary>
    [Theory]
    [InlineData("run", "/chat")]
    [InlineData("worker", "/swarm")]
    [InlineData("federated", "/chat")]
    public async Task Are_there_on_every_kind_of_node(string command, string home)
    {
        await using var run = new RecordedRun([command, "--token", SwarmToken.Generate().Reveal(), "--address", "127.0.0.1:0"]);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = await run.ListeningAsync() };

        using var start = await http.GetAsync("/", Cancellation);
        using var page = await http.GetAsync("/swarm", Cancellation);

        Assert.Equal(home, start.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/swarm", true)]
    [InlineData("/_blazor", true)]
    [InlineData("/_blazor/negotiate", true)]
    [InlineData("/_framework/opaque-redirect", true)]
    [InlineData("/assets/app.css", true)]
    [InlineData("/swarms", false)]
    [InlineData("/swarm/x", false)]
    [InlineData("/_blazors", false)]
    [InlineData("/models", false)]
    [InlineData("/chat/completions", false)]
    [InlineData("/v1/models", false)]
    [InlineData("/metrics", false)]
    [InlineData("/api/p2p/token", false)]
    public void Knows_its_paths(string path, bool isOwn) => Assert.Equal(isOwn, PagePaths.Owns(path));

    private static async Task<string> SendAsync(SwarmServer node, string method, string path, string headers, string connection = "close")
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(node.Http.BaseAddress!.Host, node.Http.BaseAddress.Port, Cancellation);
        await using var stream = socket.GetStream();
        var text = headers.Replace("{port}", $"{node.Http.BaseAddress.Port}", StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\n{text}\r\nConnection: {connection}\r\n\r\n"), Cancellation);
        var answer = new byte[1024];
        var length = await stream.ReadAtLeastAsync(answer, 16, throwOnEndOfStream: false, Cancellation);
        return Encoding.ASCII.GetString(answer, 0, length);
    }
}
