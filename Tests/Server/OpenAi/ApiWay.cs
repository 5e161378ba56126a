using ManagedSwarm.Tests.Server.Federation;
using ManagedSwarm.Transport.Token;
using OpenAI;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>The way to a model, which clients do not see: directly, or through a router and a libp2p stream. Ended with the test.</summary>
internal sealed class ApiWay : IAsyncDisposable
{
    private readonly IReadOnlyList<IAsyncDisposable> _servers;
    private readonly Func<OpenAIClient> _client;

    private ApiWay(
        Uri address, FakeModel model, ScriptedGenerator generator, Func<OpenAIClient> client, params IReadOnlyList<IAsyncDisposable> servers) =>
        (Address, Model, Generator, _client, _servers) = (address, model, generator, client, servers);

    /// <summary>Where clients ask.</summary>
    public Uri Address { get; }

    public FakeModel Model { get; }

    public ScriptedGenerator Generator { get; }

    /// <summary>The official client.</summary>
    public ChatClient Chat => Client().GetChatClient(Model.Id);

    /// <param name="isRouted">Whether a router is between.</param>
    public static async Task<ApiWay> StartAsync(bool isRouted)
    {
        if (!isRouted)
        {
            var server = await RunningServer.StartAsync();
            return new(server.Http.BaseAddress!, server.Model, server.Generator, () => server.Client(), server);
        }

        var instance = await FederatedNode.StartInstanceAsync(SwarmToken.Generate(), "one");
        try
        {
            var router = await FederatedNode.StartRouterAsync(instance, 1);
            return new(router.Http.BaseAddress!, instance.Model, instance.Generator, () => router.Client(), router, instance);
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    public OpenAIClient Client() => _client();

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
