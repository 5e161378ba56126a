using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Assets;
using ManagedSwarm.Server.Pages.Chat;
using ManagedSwarm.Server.Pages.Models;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Server.Pages.Swarm.Actions;
using ManagedSwarm.Server.Pages.Swarm.Federated;
using ManagedSwarm.Server.Pages.Swarm.Plans;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.SignalR;

namespace ManagedSwarm.Server.Pages;

/// <summary>Puts the pages together: Blazor's components, rendered here and kept up to date over a WebSocket.</summary>
internal static class PagesHosting
{
    /// <summary>What a browser may send in one message, such as a long text that is typed.</summary>
    private const int MaxMessageBytes = 1 << 20;

    /// <summary>
    /// Pages whose connection was lost, and which may come back: all that guests may have, which so push none of the others out, and those of
    /// who may act, a few people with a few pages each.
    /// </summary>
    private const int MaxLostPages = GuestPlaces.Max + 32;

    /// <summary>As long as a browser tries to come back by itself, or somebody walks from one network into another.</summary>
    private static readonly TimeSpan LostPageLife = TimeSpan.FromMinutes(1);

    /// <summary>A break, after which a page that was left open goes on, as one that is loaded anew does.</summary>
    private static readonly TimeSpan ForgottenPageLife = TimeSpan.FromMinutes(30);

    public static void AddTo(IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = MaxLostPages;
            circuits.DisconnectedCircuitRetentionPeriod = LostPageLife;
            // After that, Blazor keeps which page it was: no more of them, and not for two hours.
            circuits.PersistedCircuitInMemoryMaxRetained = MaxLostPages;
            circuits.PersistedCircuitInMemoryRetentionPeriod = ForgottenPageLife;
        });
        services.Configure<HubOptions>(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        // Pages end with the program, and so may the keys that they are sealed with: none is written to disk, and none made at the start.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        RemoveKeyRingAtStart(services);
        services.Configure<AntiforgeryOptions>(antiforgery => antiforgery.SuppressXFrameOptionsHeader = true);
        services
            .AddSingleton<PagesPipeline>().AddSingleton<PageSessions>().AddSingleton<GuessLimit>().AddSingleton<PageAccess>().AddSingleton<SignInEndpoints>()
            .AddScoped<Visitor>();
        services.AddSingleton<GuestPlaces>().AddScoped<CircuitHandler, GuestCircuit>();
        services
            .AddSingleton<SwarmJournal>().AddSingleton<SwarmFeed>().AddSingleton<RequestCounts>().AddSingleton<FederationView>().AddSingleton<PlanDesk>()
            .AddScoped<SwarmActions>();
        ChatServices.AddTo(services);
        services.AddSingleton<ModelsSource>();
    }

    /// <summary>The pages as a pipeline of their own.</summary>
    public static RequestDelegate Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<ApiServerOptions>();
        var home = options.Models is not null || options.Router is not null ? PagePaths.Chat : PagePaths.Swarm;
        var pages = new ApplicationBuilder(services);
        pages.UseWebSockets();
        pages.UseMiddleware<GuestPlacesMiddleware>();
        pages.UseRouting();
        pages.UseAntiforgery();
        pages.UseEndpoints(routes =>
        {
            routes.MapGet(PagePaths.Home, http =>
            {
                http.Response.Redirect(home);
                return Task.CompletedTask;
            });
            routes.MapGet(PagePaths.Assets + "/{name}", PageAssets.WriteAsync);
            services.GetRequiredService<SignInEndpoints>().Map(routes);
            // Our own policy says who may frame pages: nobody.
            routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);
        });
        return pages.Build();
    }

    private static void RemoveKeyRingAtStart(IServiceCollection services)
    {
        foreach (var service in services.Where(IsKeyRing).ToList())
        {
            services.Remove(service);
        }

        static bool IsKeyRing(ServiceDescriptor service) =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(DataProtectionOptions).Assembly;
    }
}
