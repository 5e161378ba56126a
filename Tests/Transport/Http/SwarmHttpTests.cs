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
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_serves_another_one()
    {
        var token = SwarmToken.Generate();
        var protocol = new SwarmKeys(token).ProtocolId("http/1.0.0");
        await using var server = await TestPeer.StartAsync(LocalPeerOptions.For(token));
        await using var client = await TestPeer.StartAsync(LocalPeerOptions.For(token));
        await using var app = await StartAsync(server.Peer, protocol);
        client.Peer.PeerStore.AddAddresses(server.Id, server.Address);
        using var http = new HttpClient(Libp2pConnect.CreateHandler(client.Peer.OpenStreamAsync, protocol)) { BaseAddress = PeerHost.UriOf(server.Id) };

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

    private static async Task<WebApplication> StartAsync(IStreamListenerSource source, string protocol)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.UseLibp2p(source).ConfigureKestrel(options => options.ListenLibp2p(protocol));
        var app = builder.Build();
        app.MapPost("/echo", async (HttpContext context) =>
        {
            var received = new MemoryStream();
            await context.Request.Body.CopyToAsync(received, context.RequestAborted);
            received.Position = 0;
            await received.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
