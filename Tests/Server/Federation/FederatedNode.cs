using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Node;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;
using OpenAI;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>The real server in a real swarm on 127.0.0.1: an instance with a <see cref="FakeModel"/>, or a router. Ended with the test.</summary>
internal sealed class FederatedNode : IAsyncDisposable
{
    public static readonly string Hash = new('a', 64);

    /// <summary>Who joins late, on a busy machine, would be new to a router, and get next to nothing.</summary>
    public static readonly TimeSpan NoSlowStart = TimeSpan.FromTicks(1);

    private readonly TemporaryFolder _folder = new();
    private readonly SwarmToken _token;

    private FederatedNode(SwarmToken token, string name, FederatedNode? known, Func<ApiServerOptions, ApiServerOptions> configure, params string[] roles)
    {
        _token = token;
        var options = new ApiServerOptions
        {
            Address = new ListenAddress(IPAddress.Loopback, 0),
            LogLevel = LogLevel.None,
            DrainTimeout = TimeSpan.Zero,
            CloseTimeout = TimeSpan.FromMilliseconds(100),
            Models = FakeModelSetup.Create(),
            Swarm = new()
            {
                Start = SwarmNode.StartAsync,
                Folders = new(_folder.Path, null),
                Measure = () => new MachineFacts(2, 1 << 30, 1 << 30),
                Settings = new()
                {
                    IsOn = true,
                    Token = token,
                    NodeName = name,
                    Roles = roles,
                    Listen = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")],
                    Bootstrap = known?.Joined.Addresses ?? [],
                    UsesDht = false,
                    MdnsInterfaces = [],
                },
            },
        };
        Server = ApiServer.Create(configure(options), TimeProvider.System);
        Model = new FakeModel(Generator);
    }

    public ApiServer Server { get; }

    public ScriptedGenerator Generator { get; } = new();

    /// <summary>An instance's.</summary>
    public FakeModel Model { get; private set; }

    public HttpClient Http { get; private set; } = null!;

    public ISwarm Joined => Server.Swarm.Current!;

    public PeerId Id => Joined.Self;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts an instance that has a model.</summary>
    /// <param name="token">Of which swarm.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="known">A member that it knows of; null: it is the first.</param>
    /// <param name="model">The model's id.</param>
    /// <param name="configure">Changes the options.</param>
    public static async Task<FederatedNode> StartInstanceAsync(
        SwarmToken token, string name, FederatedNode? known = null, string model = FakeModel.DefaultId, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var node = new FederatedNode(
            token, name, known, options => configure?.Invoke(options with { IsInstance = true }) ?? options with { IsInstance = true }, NodeRole.Head, NodeRole.Instance);
        node.Model = new FakeModel(node.Generator) { Id = model };
        node.Server.Models.Fill(node.Model);
        node.Server.Swarm.Announce([new(model, Hash, 1) { Numerics = "same" }]);
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts a router, and waits until it knows so many instances.</summary>
    public static async Task<FederatedNode> StartRouterAsync(
        FederatedNode known, int instances, RouterOptions? router = null, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var node = new FederatedNode(
            known._token,
            "router",
            known,
            options => (configure ?? (same => same))(options with { Models = null, Router = router ?? new() { SlowStart = NoSlowStart } }),
            NodeRole.Router);
        await node.StartAsync();
        await node.SeesAsync(instances);
        return node;
    }

    /// <summary>Waits until it knows so many other instances that have a model.</summary>
    public Task SeesAsync(int instances) =>
        UntilAsync(members => members.Count(member => member is { IsSelf: false, State: MemberState.Alive, Facts.Models.Count: > 0 }) == instances);

    /// <summary>Waits for what it knows of the swarm.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<SwarmMember>, bool> isSo)
    {
        using var news = new SemaphoreSlim(0);
        void OnHappened(SwarmEvent change) => news.Release();
        Server.Swarm.Happened += OnHappened;
        try
        {
            while (!isSo(Joined.Members))
            {
                await news.WaitAsync(Cancellation);
            }
        }
        finally
        {
            Server.Swarm.Happened -= OnHappened;
        }
    }

    /// <summary>The official client.</summary>
    public OpenAIClient Client(string key = "none") => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Http.BaseAddress!, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });

    /// <summary>A client that reaches another member over its streams, as a router does.</summary>
    public HttpClient Over(FederatedNode other) => new(Libp2pConnect.CreateHandler(Joined.Peer.OpenStreamAsync, Server.Swarm.Keys!.ProtocolId(PeerRequest.Protocol)))
    {
        BaseAddress = PeerHost.UriOf(other.Id),
    };

    public Task<HttpResponseMessage> PostAsync(string path, JsonObject body, Action<HttpRequestMessage>? change = null, CancellationToken? cancellation = null)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        change?.Invoke(message);
        return Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation ?? Cancellation);
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(path, Cancellation))!;

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await Server.StopAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        await Server.StartAsync(Cancellation);
        await Server.Swarm.StartAsync(Cancellation);
        Http = new HttpClient { BaseAddress = Server.Address };
    }
}
