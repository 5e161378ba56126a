using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Pages.Chat;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class ChatApiTests
{
    private static readonly Conversation Question = Conversation.New() with { Turns = [new(TurnRole.User, "Hi")] };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_a_reply_to_its_end()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = HttpTo(server);

        var chunks = await ReadAsync(ApiOver(http), Question with { Sampling = new() { MaxTokens = 3, Seed = 5 } });

        Assert.Equal("Hë", string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.Equal("length", chunks.Single(chunk => chunk.Finish is not null).Finish);
        Assert.Equal(new(2, 3), chunks.Single(chunk => chunk.Usage is not null).Usage);
        Assert.Equal([new("here")], chunks.Single(chunk => chunk.Nodes is not null).Nodes!);
        Assert.True(server.Generator.Requests.TryPeek(out var request));
        Assert.Equal((3, 5UL), (request.MaxTokens, request.Sampling.Seed));
    }

    [Fact]
    public async Task Lists_models_and_says_why_there_are_none_yet()
    {
        await using var server = await RunningServer.StartAsync(loaded: false);
        using var http = HttpTo(server);
        var error = await Assert.ThrowsAsync<ChatApiException>(() => ApiOver(http).ModelsAsync(Cancellation));
        Assert.Equal((OpenAiErrors.ModelLoading().Error.Message, true), (error.Message, error.IsTransient));

        server.FinishLoad();
        Assert.Equal([FakeModel.DefaultId], (await ApiOver(http).ModelsAsync(Cancellation)).Select(model => model.Id));
    }

    [Fact]
    public async Task A_refusal_is_told_by_its_message()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = HttpTo(server);

        var error = await Assert.ThrowsAsync<ChatApiException>(() => ReadAsync(ApiOver(http), Question with { Sampling = new() { Temperature = 3 } }));

        Assert.Contains("Invalid value for 'temperature'", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task An_error_in_the_middle_comes_behind_the_text_before_it()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayThenThrow(new EngineException("stage_lost", "w1 was lost"));
        using var http = HttpTo(server);
        var text = "";

        var error = await Assert.ThrowsAsync<ChatApiException>(async () =>
        {
            await foreach (var chunk in ApiOver(http).ReplyAsync(Question, Cancellation))
            {
                text += chunk.Text;
            }
        });

        Assert.Equal(("H", "w1 was lost"), (text, error.Message));
    }

    [Fact]
    public async Task Cancelling_it_cancels_the_generation()
    {
        var generation = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = Endless;
        using var http = HttpTo(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in ApiOver(http).ReplyAsync(Question, cancel.Token))
            {
                if (chunk.Text.Length > 0)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        await generation.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        async IAsyncEnumerable<GenerationEvent> Endless(
            GenerationRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                yield return new TextGenerated(0, "Once", []);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                generation.SetResult();
            }
        }
    }

    [Fact]
    public async Task A_key_lets_it_in_and_without_one_it_is_told_so()
    {
        await using var server = await RunningServer.StartAsync(configure: options => options with { ApiKeys = [new("secret")] });
        using var http = HttpTo(server);

        Assert.Single(await ApiOver(http, "secret").ModelsAsync(Cancellation));
        var error = await Assert.ThrowsAsync<ChatApiException>(() => ApiOver(http).ModelsAsync(Cancellation));
        Assert.Equal(OpenAiErrors.Unauthorized(presented: false).Message, error.Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://[::]:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://[::1]:8080", "http://[::1]:8080/")]
    [InlineData("http://192.0.2.7:80", "http://192.0.2.7/")]
    public void Knows_how_to_reach_itself(string listens, string expected) => Assert.Equal(new Uri(expected), OwnHttp.AddressOf(["libp2p:/x", listens]));

    private static OwnHttp HttpTo(RunningServer server) => new(new FixedServer(server.Http.BaseAddress!));

    private static ChatApi ApiOver(OwnHttp http, string? key = null) => new(http, new FixedEntry(key), new FixedNames(), TimeProvider.System);

    private static async Task<List<ReplyChunk>> ReadAsync(ChatApi api, Conversation conversation)
    {
        var chunks = new List<ReplyChunk>();
        await foreach (var chunk in api.ReplyAsync(conversation, Cancellation))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }

    private sealed class FixedEntry(string? key) : IApiEntry
    {
        public ValueTask<string?> FindAsync() => new(key);
    }

    private sealed class FixedNames : INodeNames
    {
        public string Of(string? id) => id ?? "here";
    }

    private sealed class FixedServer : IServer
    {
        public FixedServer(Uri address)
        {
            var addresses = new ServerAddressesFeature();
            addresses.Addresses.Add(address.ToString());
            Features.Set<IServerAddressesFeature>(addresses);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public void Dispose()
        {
        }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
