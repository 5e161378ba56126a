using System.Net;
using System.Text;
using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>HTTP over libp2p streams: Kestrel at one end, HttpClient at the other.</summary>
public sealed class Libp2pHttpTests
{
    private const int LargeBytes = 16 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_a_get_and_a_post_as_http_1_1()
    {
        await using var server = await Libp2pServer.StartAsync(app =>
        {
            app.MapGet("/where", (HttpContext context) => $"{context.Request.Protocol} {context.Request.Host} {context.Connection.Id.Length > 0}");
            app.MapPost("/echo", async (HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body, Cancellation));
        });
        using var answer = await server.Http.GetAsync("/where", Cancellation);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (answer.StatusCode, answer.Version));
        Assert.Equal($"HTTP/1.1 {PeerHost.Encode(MemoryNetwork.Peer)} True", await answer.Content.ReadAsStringAsync(Cancellation));
        using var posted = await server.Http.PostAsync("/echo", new StringContent("hello"), Cancellation);
        Assert.Equal("hello", await posted.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Speaks_no_http_2()
    {
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/", () => ""));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Http.SendAsync(request, Cancellation));
    }

    [Fact]
    public async Task One_stream_carries_request_after_request()
    {
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/{n}", (int n) => $"{n}"));
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal($"{n}", await server.Http.GetStringAsync($"/{n}", Cancellation));
        }

        Assert.Equal(1, server.Network.Dialled);
    }

    /// <summary>The server sends each event only when the client has the one before: so none of them waits in a buffer.</summary>
    [Fact]
    public async Task Events_come_one_by_one()
    {
        using var received = new SemaphoreSlim(0);
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var n = 0; n < 10; n++)
            {
                await context.Response.WriteAsync($"data: {n}\n\n", Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
                await received.WaitAsync(Cancellation);
            }
        }));
        using var answer = await server.Http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        for (var n = 0; n < 10; n++)
        {
            Assert.Equal($"data: {n}", await reader.ReadLineAsync(Cancellation));
            Assert.Equal("", await reader.ReadLineAsync(Cancellation));
            received.Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task Serves_fifty_requests_at_once()
    {
        const int Requests = 50;
        var waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/{n}", async (int n) =>
        {
            if (Interlocked.Increment(ref waiting) == Requests)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(Cancellation);
            return $"{n}";
        }));
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(n => server.Http.GetStringAsync($"/{n}", Cancellation)));
        Assert.Equal(Enumerable.Range(0, Requests).Select(n => $"{n}"), answers);
        Assert.Equal(Requests, server.Network.Dialled);
    }

    [Fact]
    public async Task Carries_large_bodies_both_ways()
    {
        await using var server = await Libp2pServer.StartAsync(app => app.MapPost("/", async (HttpContext context) =>
        {
            // All of it first: HttpClient reads no answer before it has sent its body.
            var received = new MemoryStream();
            await context.Request.Body.CopyToAsync(received, Cancellation);
            context.Response.ContentLength = received.Length;
            received.Position = 0;
            await received.CopyToAsync(context.Response.Body, Cancellation);
        }));
        var body = new byte[LargeBytes];
        new Random(1).NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(body) };
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var echoed = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.True(body.AsSpan().SequenceEqual(echoed));
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_request()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            started.SetResult();
            await aborted.Task.WaitAsync(Cancellation);
        }));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var request = server.Http.GetStringAsync("/", source.Token);
        await started.Task.WaitAsync(Cancellation);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await aborted.Task.WaitAsync(Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_gives_up_is_an_error_to_the_client(bool inTheMiddle)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            if (inTheMiddle)
            {
                await context.Response.WriteAsync("begin", Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
                await read.Task.WaitAsync(Cancellation);
            }

            context.Abort();
        }));
        if (!inTheMiddle)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => server.Http.GetStringAsync("/", Cancellation));
            return;
        }

        using var answer = await server.Http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer, Cancellation);
        read.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(async () => _ = await body.ReadAsync(buffer, Cancellation));
    }

    [Fact]
    public async Task A_client_that_closes_its_direction_gets_its_answer_and_the_end()
    {
        var closed = false;
        await using var server = await Libp2pServer.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            closed = context.RequestAborted.IsCancellationRequested;
            return "all of it";
        }));
        await using var stream = server.Network.Dial(Libp2pServer.ProtocolId);
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancellation);
        await stream.CloseWriteAsync(Cancellation);
        var text = new StringBuilder();
        var buffer = new byte[1_000];
        for (int count; (count = await stream.ReadAsync(buffer, Cancellation)) > 0;)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        Assert.StartsWith("HTTP/1.1 200 OK", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("all of it", text.ToString(), StringComparison.Ordinal);
        Assert.False(closed);
    }

    [Fact]
    public async Task Listens_on_sockets_as_well()
    {
        await using var server = await Libp2pServer.StartAsync(
            app => app.MapGet("/", () => "here"),
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var addresses = server.App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        using var sockets = new HttpClient { BaseAddress = new Uri(addresses.Single(address => address.Contains("127.0.0.1", StringComparison.Ordinal))) };
        Assert.Equal("here", await sockets.GetStringAsync("/", Cancellation));
        Assert.Equal("here", await server.Http.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public async Task A_peer_that_cannot_be_reached_is_said_by_the_client()
    {
        using var http = new HttpClient(Libp2pConnect.CreateHandler(new MemoryNetwork().DialAsync, "/nobody/1.0.0"));
        foreach (var (uri, code) in ((Uri, string)[])[(PeerHost.UriOf(MemoryNetwork.Peer), "protocol_refused"), (new("http://a.b/"), "invalid_peer_host")])
        {
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(uri, Cancellation));
            Assert.Equal(code, Assert.IsType<SwarmException>(exception.InnerException).Code);
        }
    }
}
