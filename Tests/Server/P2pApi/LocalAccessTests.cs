using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Tests.Server.P2pApi;

/// <summary>Who may see the token and change the node.</summary>
public sealed class LocalAccessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Guarded() => new()
    {
        { "GET", "/api/p2p/token" },
        { "GET", "/api/settings" },
        { "POST", "/api/settings" },
        { "POST", "/api/swarm/drain/self" },
        { "POST", "/api/swarm/unload" },
    };

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Refuses_whoever_may_not(string method, string path)
    {
        await using var node = await SwarmServer.StartAsync();
        string[] refused =
        [
            // Names of strangers that point here (DNS rebinding).
            "Host: evil.example",
            "Host: evil.example:{port}",
            "Host: 127.0.0.1.evil.example:{port}",
            "Host: localhost.evil.example",
            "Host: 192.0.2.1:{port}",
            "Host: [::2]:{port}",
            "Host: ",
            // Passed on by a proxy.
            "Host: 127.0.0.1:{port}\r\nX-Forwarded-For: 127.0.0.1",
            "Host: 127.0.0.1:{port}\r\nForwarded: for=127.0.0.1",
            "Host: 127.0.0.1:{port}\r\nX-Real-IP: 127.0.0.1",
            "Host: 127.0.0.1:{port}\r\nVia: 1.1 proxy",
            // Asked for by another site's page.
            "Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example",
            "Host: 127.0.0.1:{port}\r\nOrigin: null",
            "Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:1",
            "Host: 127.0.0.1:{port}\r\nOrigin: http://localhost:{port}",
            "Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example",
            "Host: 127.0.0.1:{port}\r\nOrigin: ",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-site",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
            "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site\r\nOrigin: http://127.0.0.1:{port}",
            "Host: evil.example:{port}\r\nOrigin: http://evil.example:{port}\r\nSec-Fetch-Site: same-origin",
        ];

        foreach (var headers in refused)
        {
            var answer = await SendAsync(node, method, path, headers);
            Assert.True(answer.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal) || (headers == "Host: " && answer.StartsWith("HTTP/1.1 40", StringComparison.Ordinal)), $"{headers}: {answer}");
            Assert.DoesNotContain("mswarm1:", answer, StringComparison.Ordinal);
        }

        Assert.NotNull(node.Service.Current);
    }

    [Theory]
    [InlineData("Host: 127.0.0.1:{port}")]
    [InlineData("Host: localhost:{port}")]
    [InlineData("Host: LOCALHOST")]
    [InlineData("Host: [::1]:{port}")]
    [InlineData("Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin")]
    [InlineData("Host: localhost:{port}\r\nSec-Fetch-Site: none")]
    public async Task Lets_this_machine_in(string headers)
    {
        await using var node = await SwarmServer.StartAsync();

        Assert.Contains("mswarm1:", await SendAsync(node, "GET", "/api/p2p/token", headers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_another_address_whatever_the_request_says()
    {
        var address = NetworkAddress();
        Assert.SkipWhen(address is null, "this machine has no address but loopback");
        await using var node = await SwarmServer.StartAsync(options => options with { Address = new ListenAddress(address, 0) });

        var answer = await SendAsync(node, "GET", "/api/p2p/token", "Host: 127.0.0.1:{port}\r\nX-Forwarded-For: 127.0.0.1");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(node, "GET", "/api/p2p/token", "Host: localhost"), StringComparison.Ordinal);
        Assert.Contains("local_only", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(node, "GET", "/api/p2p/stats", "Host: localhost"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host: node.example\r\nAuthorization: Bearer good\r\nX-Forwarded-For: 192.0.2.1", "200")]
    [InlineData("Host: node.example\r\nAuthorization: Bearer good\r\nOrigin: https://node.example", "200")]
    [InlineData("Host: node.example\r\nAuthorization: Bearer good\r\nOrigin: https://evil.example", "403")]
    [InlineData("Host: node.example\r\nAuthorization: Bearer good\r\nSec-Fetch-Site: cross-site", "403")]
    [InlineData("Host: node.example\r\nAuthorization: Bearer bad", "401")]
    [InlineData("Host: 127.0.0.1:{port}", "401")]
    public async Task Opens_to_a_key_from_anywhere_where_keys_are_set(string headers, string status)
    {
        await using var node = await SwarmServer.StartAsync(options => options with { ApiKeys = [new ApiKey("good")] });

        var answer = await SendAsync(node, "GET", "/api/p2p/token", headers);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == "200", answer.Contains("mswarm1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gives_its_errors_as_others()
    {
        await using var node = await SwarmServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/p2p/token") { Headers = { { "Sec-Fetch-Site", "cross-site" } } };

        using var response = await node.Http.SendAsync(request, Cancellation);
        var error = await OpenAi.ErrorReply.ReadAsync(response);

        Assert.Equal((HttpStatusCode.Forbidden, "permission_error", "cross_site_request"), (error.Status, error.Type, error.Code));
    }

    /// <summary>Sends a request with just these headers, which a client library would not let through.</summary>
    private static async Task<string> SendAsync(SwarmServer node, string method, string path, string headers)
    {
        var address = node.Http.BaseAddress!;
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Cancellation);
        await using var stream = socket.GetStream();
        var body = method == "POST" ? "{\"p2p_token\": \"\"}" : "";
        var text = $"{method} {path} HTTP/1.1\r\n{headers.Replace("{port}", $"{address.Port}", StringComparison.Ordinal)}\r\nConnection: close\r\n"
            + (method == "POST" ? $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n" : "") + "\r\n" + body;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }

    private static IPAddress? NetworkAddress() => System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == System.Net.NetworkInformation.OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(found => found.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(found));
}
