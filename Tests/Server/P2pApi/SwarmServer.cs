using System.Text.Json.Nodes;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;

namespace ManagedSwarm.Tests.Server.P2pApi;

/// <summary>The real server on 127.0.0.1, a member of a <see cref="FakeSwarm"/>.</summary>
internal sealed class SwarmServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private SwarmServer(RunningServer server, TemporaryFolder folder) => (Server, _folder) = (server, folder);

    public RunningServer Server { get; }

    public HttpClient Http => Server.Http;

    public SwarmService Service => Server.Server.Swarm;

    /// <summary>The swarm that it is in now.</summary>
    public FakeSwarm Swarm => Assert.IsType<FakeSwarm>(Service.Current);

    /// <param name="configure">Changes the options.</param>
    /// <param name="joined">Whether it is a member.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    public static async Task<SwarmServer> StartAsync(
        Func<ApiServerOptions, ApiServerOptions>? configure = null, bool joined = true, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        var server = await RunningServer.StartAsync(
            configure: options =>
            {
                var withSwarm = options with { Swarm = FakeSwarms.Setup(folder, new SwarmSettings { IsOn = true }) };
                return configure?.Invoke(withSwarm) ?? withSwarm;
            },
            time: time);
        if (joined)
        {
            await server.Server.Swarm.StartAsync(TestContext.Current.CancellationToken);
        }

        return new(server, folder);
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
