using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Tests.Transport.Http;

/// <summary>Kestrel on streams in memory, and a client of it. Its disposal waits until no stream is open: nothing leaks.</summary>
internal sealed class Libp2pServer : IAsyncDisposable
{
    public const string ProtocolId = "/test/http/1.0.0";

    /// <summary>Long enough for any machine; a test that hangs fails instead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private Libp2pServer(WebApplication app, MemoryNetwork network)
    {
        App = app;
        Network = network;
        Http = new HttpClient(Libp2pConnect.CreateHandler(network.DialAsync, ProtocolId)) { BaseAddress = PeerHost.UriOf(MemoryNetwork.Peer) };
    }

    public WebApplication App { get; }

    public MemoryNetwork Network { get; }

    public HttpClient Http { get; }

    /// <param name="map">The server's API.</param>
    /// <param name="kestrel">More to listen on.</param>
    public static async Task<Libp2pServer> StartAsync(Action<WebApplication> map, Action<KestrelServerOptions>? kestrel = null)
    {
        var network = new MemoryNetwork();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.UseLibp2p(network).ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;

            // A busy machine may send nothing for some seconds.
            (options.Limits.MinRequestBodyDataRate, options.Limits.MinResponseDataRate) = (null, null);
            options.ListenLibp2p(ProtocolId);
            kestrel?.Invoke(options);
        });
        var app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, network);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await Network.NoneOpen.WaitAsync(Patience);
    }
}
