using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Tests.Server.P2p;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server;

/// <summary>The real server on a free port of 127.0.0.1, with a <see cref="FakeModel"/>.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ApiServer _server;

    private RunningServer(ApiServer server, FakeModel model, ScriptedGenerator generator)
    {
        _server = server;
        Model = model;
        Generator = generator;
        Http = new HttpClient { BaseAddress = server.Address };
    }

    public FakeModel Model { get; }

    public ScriptedGenerator Generator { get; }

    public HttpClient Http { get; }

    /// <summary>The official client.</summary>
    public ChatClient Chat => Client().GetChatClient(Model.Id);

    /// <param name="loaded">Whether the model is there already.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    public static async Task<RunningServer> StartAsync(
        bool loaded = true, Func<ApiServerOptions, ApiServerOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new ApiServerOptions
        {
            Address = new ListenAddress(IPAddress.Loopback, 0),
            LogLevel = LogLevel.None,
            Swarm = FakeSwarms.Setup(),
            Models = FakeModelSetup.Create(),
        };
        var server = ApiServer.Create(configure?.Invoke(options) ?? options, time ?? TimeProvider.System);
        await server.StartAsync(TestContext.Current.CancellationToken);
        var generator = new ScriptedGenerator();
        var running = new RunningServer(server, new FakeModel(generator), generator);
        if (loaded)
        {
            running.FinishLoad();
        }

        return running;
    }

    public void FinishLoad() => _server.Models.Fill(Model);

    public ApiServer Server => _server;

    public OpenAIClient Client(string key = "none") => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Http.BaseAddress!, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });

    /// <summary>Posts a JSON text.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead) =>
        Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") },
            completion,
            TestContext.Current.CancellationToken);

    /// <summary>Posts a JSON text, and expects an answer of 200.</summary>
    public async Task<JsonNode> PostOkAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Posts a JSON text, and expects a stream; its events, each with its lines.</summary>
    public async Task<IReadOnlyList<string>> PostStreamAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return text[..^2].Split("\n\n");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
