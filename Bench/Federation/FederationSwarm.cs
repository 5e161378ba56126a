using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Instances and routers of one swarm, in processes of their own.</summary>
internal sealed class FederationSwarm : IAsyncDisposable
{
    private readonly string _token = SwarmToken.Generate().Reveal();

    /// <summary>The processes of instances: one for all, or one for each.</summary>
    public List<FederationProcess> InstanceProcesses { get; } = [];

    public List<FederationProcess> Routers { get; } = [];

    public IEnumerable<StartedNode> Instances => InstanceProcesses.SelectMany(process => process.Nodes);

    public Uri Router => Routers[0].Nodes[0].Address;

    /// <summary>Starts them.</summary>
    /// <param name="speeds">Of the instances.</param>
    /// <param name="policy">Of the routers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="routers">How many.</param>
    /// <param name="isApart">Whether each instance has a process.</param>
    public static async Task<FederationSwarm> StartAsync(
        IReadOnlyList<MockSpeed?> speeds,
        RoutePolicyKind policy,
        CancellationToken cancellationToken,
        int routers = 1,
        bool isApart = false)
    {
        var swarm = new FederationSwarm();
        try
        {
            List<PlannedNode> instances = [.. speeds.Select((speed, number) => new PlannedNode($"i{number}", speed))];
            foreach (var nodes in isApart ? instances.Select(node => new[] { node }) : [[.. instances]])
            {
                swarm.InstanceProcesses.Add(await swarm.StartAsync(nodes, cancellationToken));
            }

            for (var i = 0; i < routers; i++)
            {
                swarm.Routers.Add(await swarm.StartAsync([new($"router{i}", null, policy, speeds.Count)], cancellationToken));
            }

            return swarm;
        }
        catch
        {
            await swarm.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that holds as many connections as it needs.</summary>
    public static HttpClient Client(Uri address) => new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromMinutes(5),
    };

    public async ValueTask DisposeAsync() => await Task.WhenAll(Routers.Concat(InstanceProcesses).Select(process => process.DisposeAsync().AsTask()));

    private Task<FederationProcess> StartAsync(IReadOnlyList<PlannedNode> nodes, CancellationToken cancellationToken) =>
        FederationProcess.StartAsync(new(_token, InstanceProcesses is [var first, ..] ? first.Nodes[0].Known : [], nodes), cancellationToken);
}
