using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>HTTP from one member of a swarm to another, by its peer id alone.</summary>
[Trait("Tier", "Loopback")]
public sealed class SwarmHttpTests
{
    private static readonly SwarmToken Token = SwarmToken.Generate();

    private static readonly string Protocol = new SwarmKeys(Token).ProtocolId("http/1.0.0");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_serves_another_one()
    {
        await using var server = await TestPeer.StartAsync(LocalPeerOptions.For(Token));
        await using var client = await TestPeer.StartAsync(LocalPeerOptions.For(Token));
        await using var app = await StartAsync(server.Peer);
        using var http = Connect(client, server);

        var body = new byte[1 << 20];
        new Random(3).NextBytes(body);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.PostAsync("/echo", new ByteArrayContent(body), Cancellation)));
        foreach (var answer in answers)
        {
            var echoed = await answer.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.True(body.AsSpan().SequenceEqual(echoed));
            answer.Dispose();
        }

        Assert.Single(client.Peer.Sessions);
        await app.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_buffer_of_no_size_in_particular_has_some()
    {
        await using var server = await TestPeer.StartAsync(LocalPeerOptions.For(Token));
        await using var client = await TestPeer.StartAsync(LocalPeerOptions.For(Token));
        await using var app = await StartAsync(server.Peer);
        using var http = Connect(client, server);
        Assert.Equal(new byte[] { 7, 7 }, await http.GetByteArrayAsync("/spans", Cancellation));
        await app.StopAsync(Cancellation);
    }

    private static HttpClient Connect(TestPeer client, TestPeer server)
    {
        client.Peer.PeerStore.AddAddresses(server.Id, server.Address);
        return new(Libp2pConnect.CreateHandler(client.Peer.OpenStreamAsync, Protocol)) { BaseAddress = PeerHost.UriOf(server.Id) };
    }

    private static async Task<WebApplication> StartAsync(IStreamListenerSource source)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.UseLibp2p(source).ConfigureKestrel(options =>
        {
            // A busy machine may send nothing for some seconds.
            (options.Limits.MinRequestBodyDataRate, options.Limits.MinResponseDataRate) = (null, null);
            options.ListenLibp2p(Protocol);
        });
        var app = builder.Build();
        app.MapPost("/echo", async (HttpContext context) =>
        {
            var received = new MemoryStream();
            await context.Request.Body.CopyToAsync(received, context.RequestAborted);
            received.Position = 0;
            await received.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        app.MapGet("/spans", async (HttpContext context) =>
        {
            // The first before the answer has begun, the second behind its head.
            for (var i = 0; i < 2; i++)
            {
                context.Response.BodyWriter.GetSpan()[0] = 7;
                context.Response.BodyWriter.Advance(1);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
