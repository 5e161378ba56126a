using System.Net.Sockets;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Server.Pages.Swarm.Federated;
using ManagedSwarm.Server.Serving;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ManagedSwarm.Server.Hosting;

/// <summary>
/// The HTTP server: Kestrel with OpenAI's API, the probes and the metrics. It listens before it has a model; see <see cref="ModelSlot"/>.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ApiServerOptions _options;
    private readonly CancellationTokenSource _ends = new();
    private Task _warming = Task.CompletedTask;

    private ApiServer(WebApplication app, ApiServerOptions options)
    {
        _app = app;
        _options = options;
    }

    /// <summary>The model that it serves.</summary>
    public ModelSlot Models => _app.Services.GetRequiredService<ModelSlot>();

    /// <summary>Loads and frees it.</summary>
    public ModelService Serving => _app.Services.GetRequiredService<ModelService>();

    public ILogger Logger => _app.Logger;

    /// <summary>This node's membership of a swarm.</summary>
    public SwarmService Swarm => _app.Services.GetRequiredService<SwarmService>();

    /// <summary>How many strangers may have its pages open.</summary>
    public GuestPlaces Guests => _app.Services.GetRequiredService<GuestPlaces>();

    public PagesPipeline Pages => _app.Services.GetRequiredService<PagesPipeline>();

    /// <summary>Where it listens, with the real port; known once it has started.</summary>
    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .First(address => address.StartsWith(Uri.UriSchemeHttp, StringComparison.Ordinal)));

    public static ApiServer Create(ApiServerOptions options, TimeProvider time)
    {
        // The program's own folder, not the current one: no stray appsettings.json changes what the command line says.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        ConfigureLogging(builder.Logging, options.LogLevel);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxDrainedBytes;
            Listen(kestrel, options.Address);
            if (options.IsInstance)
            {
                kestrel.ListenLibp2p(PeerRequest.Protocol);
            }
        });
        builder.Services
            .AddSingleton(options).AddSingleton(time).AddSingleton<ShutdownDrain>()
            .AddSingleton<ModelSlot>().AddSingleton<ModelLoader>().AddSingleton<ModelService>()
            .AddSingleton<CatalogView>().AddSingleton<ModelEndpoints>()
            .AddSingleton<TokenRate>().AddSingleton<ReplyRunner>().AddSingleton<OpenAiEndpoints>()
            .AddSingleton(options.Swarm).AddSingleton<SwarmService>().AddSingleton<LocalAccess>()
            .AddSingleton<P2pEndpoints>().AddSingleton<SwarmEndpoints>().AddSingleton<SwarmEventStream>().AddSingleton<SettingsEndpoints>()
            // Signals are the command's: it also has to end a model's load, before there is a host.
            .AddSingleton<IHostLifetime, NoSignals>()
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout + options.CloseTimeout);
        if (options.IsInstance)
        {
            builder.Services.AddLibp2p(services => new SwarmStreams(services.GetRequiredService<SwarmService>()));
        }

        if (options.Router is { } router)
        {
            Router.AddTo(builder.Services, router);
        }

        Telemetry.Add(builder.Services);
        PagesHosting.AddTo(builder.Services);

        var app = builder.Build();
        app.UseMiddleware<NodeHeaderMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<PeerRequestMiddleware>();
        app.UseMiddleware<PageAccessMiddleware>();
        app.UseMiddleware<ApiKeyMiddleware>();
        app.UseMiddleware<PagesMiddleware>();
        Map(app, options);
        // Made now, so that it hears of the stop.
        _ = app.Services.GetRequiredService<ShutdownDrain>();
        _ = app.Services.GetService<FederationMetrics>();
        // Pages show what has happened before anybody looked.
        _ = app.Services.GetRequiredService<SwarmJournal>();
        _ = app.Services.GetRequiredService<RequestCounts>();
        return new(app, options);
    }

    /// <summary>Listens, and gets the pages ready for who looks first.</summary>
    /// <exception cref="StartException">It cannot listen there; says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
            _warming = Task.Run(() => Pages.WarmAsync(_ends.Token), CancellationToken.None);
        }
        catch (Exception exception) when (ReasonOf(exception) is { } reason)
        {
            throw new StartException($"cannot listen on {_options.Address}: {reason}; choose another with --address", exception);
        }
    }

    /// <summary>Takes no more requests, waits for those under way (<see cref="ApiServerOptions.DrainTimeout"/>), then ends.</summary>
    public Task StopAsync()
    {
        ServerLog.Stopping(Logger, _options.DrainTimeout.TotalSeconds);
        return _app.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _warming;
        await _app.DisposeAsync();
        _ends.Dispose();
    }

    private static void Map(WebApplication app, ApiServerOptions options)
    {
        var services = app.Services;
        if (options.Models is not null)
        {
            HealthEndpoints.Map(app, () => services.GetRequiredService<ModelSlot>().WhyNotReady);
        }
        else
        {
            HealthEndpoints.Map(app, () => services.GetRequiredService<SwarmService>().Current is null ? SwarmErrors.P2pOff().Error : null);
        }

        if (options.Router is not null)
        {
            services.GetRequiredService<RouterEndpoints>().Map(app);
        }
        else if (options.Models is not null)
        {
            services.GetRequiredService<OpenAiEndpoints>().Map(app);
        }

        services.GetRequiredService<P2pEndpoints>().Map(app);
        services.GetRequiredService<SwarmEndpoints>().Map(app);
        services.GetRequiredService<SettingsEndpoints>().Map(app);
        services.GetRequiredService<ModelEndpoints>().Map(app);
        Telemetry.Map(app);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress where)
    {
        if (where.Address is { } address)
        {
            kestrel.Listen(address, where.Port);
        }
        else
        {
            kestrel.ListenAnyIP(where.Port);
        }
    }

    private static void ConfigureLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console => console.SingleLine = true);
        // Standard output is for what the command prints.
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        // The router says itself what has failed.
        logging.AddFilter("Yarp", LogLevel.None);
        // That keys of pages end with the program is meant, and that a browser brings along what was sealed with earlier ones.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        // It logs a failed start with its stack; the command says it in one line.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
    }

    private static string? ReasonOf(Exception exception) => (exception, exception.InnerException) switch
    {
        (IOException, AddressInUseException) => "the port is in use",
        (SocketException { SocketErrorCode: SocketError.AddressNotAvailable }, _) => "this machine does not have that address",
        (SocketException { SocketErrorCode: SocketError.AccessDenied }, _) => "permission denied (ports below 1024 need privileges)",
        (SocketException socket, _) => socket.Message,
        (IOException io, _) => io.Message,
        _ => null,
    };

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
