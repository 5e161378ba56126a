using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Server.Federation;

/// <summary>Puts the router together.</summary>
internal static class Router
{
    public static void AddTo(IServiceCollection services, RouterOptions options)
    {
        services.AddHttpForwarder();
        services
            .AddSingleton(options).AddSingleton(RoutePolicies.Create(options)).AddSingleton<PeerTable>().AddSingleton<PeerHttp>()
            .AddSingleton<RetryBudget>().AddSingleton<FederationMetrics>()
            .AddSingleton<PassThrough>().AddSingleton<OwnInstance>().AddSingleton<StreamRelay>().AddSingleton<RequestRouter>().AddSingleton<RouterEndpoints>();
    }
}
