using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ManagedSwarm.Server.Hosting;

/// <summary>Serves HTTP/1.1 on libp2p streams, beside or instead of sockets.</summary>
internal static class Libp2pHosting
{
    /// <summary>Gives Kestrel the local peer's streams; <see cref="ListenLibp2p"/> says which.</summary>
    public static IWebHostBuilder UseLibp2p(
        this IWebHostBuilder builder, IStreamListenerSource source, Libp2pConnectionOptions? options = null) =>
        builder.ConfigureServices(services =>
            services.AddSingleton<IConnectionListenerFactory>(new Libp2pConnectionListenerFactory(source, options)));

    /// <summary>Gives Kestrel streams from a source that is one of its services; <see cref="ListenLibp2p"/> says which.</summary>
    public static IServiceCollection AddLibp2p(this IServiceCollection services, Func<IServiceProvider, IStreamListenerSource> source) =>
        services.AddSingleton<IConnectionListenerFactory>(provider => new Libp2pConnectionListenerFactory(source(provider)));

    /// <summary>Listens on the streams of a protocol. HTTP/1.1 only: a stream is one of many already.</summary>
    /// <param name="kestrel">The server's options.</param>
    /// <param name="protocolId">For example <c>/managedswarm/0123456789abcdef/http/1.0.0</c>.</param>
    public static void ListenLibp2p(this KestrelServerOptions kestrel, string protocolId) =>
        kestrel.Listen(new Libp2pEndPoint(protocolId), listen => listen.Protocols = HttpProtocols.Http1);
}
