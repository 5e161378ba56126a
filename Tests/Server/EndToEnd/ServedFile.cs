using System.ClientModel;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.Commands;
using OpenAI;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>A model's file, served by the command <c>run</c> in this process.</summary>
internal sealed class ServedFile : IAsyncDisposable
{
    /// <summary>Fifty tales at once take more than the usual 100 s on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly RecordedRun _run;

    private ServedFile(RecordedRun run, Uri address)
    {
        _run = run;
        Http = new HttpClient { BaseAddress = address, Timeout = Limit };
    }

    /// <summary>A model with random weights.</summary>
    public static string Tiny => Repository.File("models-test/tiny.gguf");

    /// <summary>The model that ships.</summary>
    public static string Tales => Path.Combine(AppContext.BaseDirectory, "models", "tales.gguf");

    public HttpClient Http { get; }

    /// <summary>The official client.</summary>
    public ChatClient Chat { get; private set; } = null!;

    public static async Task<ServedFile> StartAsync(string path, params string[] options)
    {
        var run = new RecordedRun(["run", path, "--address", "127.0.0.1:0", .. options], load: ServedLanguageModel.LoadAsync);
        var served = new ServedFile(run, await run.ListeningAsync());
        var toServed = new OpenAIClientOptions { Endpoint = new Uri(served.Http.BaseAddress!, "v1"), NetworkTimeout = Limit };
        served.Chat = new OpenAIClient(new ApiKeyCredential("none"), toServed).GetChatClient(Path.GetFileNameWithoutExtension(path));
        return served;
    }

    /// <summary>The texts of a completion's choices.</summary>
    public async Task<IReadOnlyList<string>> CompleteAsync(JsonObject request)
    {
        var answer = await AskAsync("/v1/completions", request);
        return [.. answer["choices"]!.AsArray().Select(choice => (string)choice!["text"]!)];
    }

    /// <summary>The answer to a request, which must be 200.</summary>
    public async Task<JsonNode> AskAsync(string path, JsonObject request)
    {
        using var response = await Http.PostAsJsonAsync(path, request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _run.DisposeAsync();
    }
}
