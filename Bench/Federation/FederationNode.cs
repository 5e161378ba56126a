using System.Net;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Node;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Bench.Federation;

/// <summary>The real server in a real swarm over loopback: an instance of a mock model, or a router.</summary>
internal sealed class FederationNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("managedswarm-federation-").FullName;
    private readonly ApiServer _server;
    private MockGenerator? _generator;

    private FederationNode(SwarmToken token, string name, IReadOnlyList<Multiaddress> known, RouterOptions? router)
    {
        _server = ApiServer.Create(
            new()
            {
                Address = new ListenAddress(IPAddress.Loopback, 0),
                LogLevel = LogLevel.None,
                DrainTimeout = TimeSpan.Zero,
                CloseTimeout = TimeSpan.FromSeconds(1),
                ShowsNode = router is not null,
                Models = router is null ? Mock() : null,
                IsInstance = router is null,
                Router = router,
                Swarm = new()
                {
                    Start = SwarmNode.StartAsync,
                    Folders = new(_folder, null),
                    Settings = new()
                    {
                        IsOn = true,
                        Token = token,
                        NodeName = name,
                        Roles = [router is null ? NodeRole.Instance : NodeRole.Router],
                        Listen = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")],
                        Bootstrap = known,
                        UsesDht = false,
                        MdnsInterfaces = [],
                    },
                },
            },
            TimeProvider.System);
    }

    public Uri Address => _server.Address;

    public string Id => _server.Swarm.Current!.Self.ToString();

    public IReadOnlyList<Multiaddress> Addresses => _server.Swarm.Current!.Addresses;

    /// <summary>Starts an instance.</summary>
    public static async Task<FederationNode> StartInstanceAsync(
        SwarmToken token, string name, IReadOnlyList<Multiaddress> known, MockSpeed? speed, CancellationToken cancellationToken)
    {
        var node = new FederationNode(token, name, known, null);
        node._generator = new MockGenerator(speed);
        node._server.Models.Fill(new MockModel(node._generator));
        await node.StartAsync(cancellationToken);
        node._server.Swarm.Announce([new(MockModel.Name, new string('a', 64), 1) { Numerics = MockModel.Name }]);
        return node;
    }

    /// <summary>Starts a router, and waits until it knows so many instances.</summary>
    public static async Task<FederationNode> StartRouterAsync(
        SwarmToken token, string name, IReadOnlyList<Multiaddress> known, int instances, RouterOptions options, CancellationToken cancellationToken)
    {
        var node = new FederationNode(token, name, known, options);
        await node.StartAsync(cancellationToken);
        using var news = new SemaphoreSlim(0);
        node._server.Swarm.Happened += _ => news.Release();
        while (node._server.Swarm.Current!.Members.Count(member => member.Facts.Models.Count > 0) < instances)
        {
            await news.WaitAsync(cancellationToken);
        }

        return node;
    }

    /// <summary>Replies that are under way.</summary>
    public int Active => _generator?.Load.Active ?? 0;

    /// <inheritdoc cref="MockGenerator.TakeCancelled"/>
    public IEnumerable<long> TakeCancelled() => _generator?.TakeCancelled() ?? [];

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Nothing is loaded from anywhere: the model is made.</summary>
    private ModelSetup Mock() => new()
    {
        Load = (_, _, _, _, _, _, _) => Task.FromResult<IServedModel>(new MockModel(_generator!)),
        Catalog = new(new(MockModel.Name, null, new(), new())),
    };

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken);
        await _server.Swarm.StartAsync(cancellationToken);
    }
}
