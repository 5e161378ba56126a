using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>A client that goes away takes its compute with it, and a server that stops takes its clients' replies to an end.</summary>
public sealed class DisconnectTests
{
    private const string Path = "/v1/completions";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_leaves_a_stream_frees_its_compute()
    {
        await using var server = await RunningServer.StartAsync();
        var script = new EndlessScript(server);

        var response = await server.PostAsync(Path, """{"prompt": "a", "stream": true}""", HttpCompletionOption.ResponseHeadersRead);
        await script.Started;
        response.Dispose();

        await script.Freed.WaitAsync(Patience, Cancellation);
        server.Generator.Script = ScriptedGenerator.Say;
        await server.PostOkAsync(Path, """{"prompt": "a"}""");
    }

    [Fact]
    public async Task A_client_that_gives_up_waiting_frees_its_compute()
    {
        await using var server = await RunningServer.StartAsync();
        var script = new EndlessScript(server);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("""{"prompt": "a"}""", null, "application/json") };

        var asked = server.Http.SendAsync(request, patience.Token);
        await script.Started;
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await script.Freed.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_client_that_leaves_between_two_prompts_frees_its_compute()
    {
        await using var server = await RunningServer.StartAsync();
        var script = new EndlessScript(server);
        server.Generator.Script = (request, cancellation) => request.Prompt[0] == 'a' ? ScriptedGenerator.Say(request, cancellation) : script.RunAsync(request, cancellation);

        var response = await server.PostAsync(Path, """{"prompt": ["a", "b", "c"], "stream": true}""", HttpCompletionOption.ResponseHeadersRead);
        await script.Started;
        response.Dispose();

        await script.Freed.WaitAsync(Patience, Cancellation);
        Assert.Equal(2, server.Generator.Requests.Count);
    }

    [Fact]
    public async Task A_stop_lets_replies_end()
    {
        await using var server = await RunningServer.StartAsync(configure: options => options with { DrainTimeout = Patience });
        var script = new EndlessScript(server);

        var asked = server.PostStreamAsync(Path, """{"prompt": "a", "stream": true}""");
        await script.Started;
        var stopped = server.Server.StopAsync();
        script.End();

        Assert.Equal("data: [DONE]", (await asked.WaitAsync(Patience, Cancellation))[^1]);
        await stopped.WaitAsync(Patience, Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_cuts_replies_off_when_their_time_is_over(bool endsSilently)
    {
        await using var server = await RunningServer.StartAsync(configure: options => options with { DrainTimeout = TimeSpan.Zero, CloseTimeout = Patience });
        var script = new EndlessScript(server) { EndsSilently = endsSilently };

        var asked = server.PostStreamAsync(Path, """{"prompt": "a", "stream": true}""");
        await script.Started;
        await server.Server.StopAsync().WaitAsync(Patience, Cancellation);

        await script.Freed.WaitAsync(Patience, Cancellation);
        var events = await asked.WaitAsync(Patience, Cancellation);
        Assert.StartsWith("event: error", events[^1], StringComparison.Ordinal);
        Assert.Contains("shutting_down", events[^1], StringComparison.Ordinal);
    }

    /// <summary>Says one token, and then nothing more until it is told to end or cancelled.</summary>
    private sealed class EndlessScript
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndlessScript(RunningServer server) => server.Generator.Script = RunAsync;

        /// <summary>The first token is said and read.</summary>
        public Task Started => _started.Task;

        /// <summary>The request was cancelled, and its enumerator disposed of.</summary>
        public Task Freed => _freed.Task;

        /// <summary>Whether it just ends when it is cancelled, rather than throw.</summary>
        public bool EndsSilently { get; init; }

        public void End() => _end.SetResult();

        public async IAsyncEnumerable<GenerationEvent> RunAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                yield return new TextGenerated(0, "x", []);
                _started.SetResult();
                await _end.Task.WaitAsync(cancellationToken).ConfigureAwait(EndsSilently ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
                if (cancellationToken.IsCancellationRequested)
                {
                    yield break;
                }

                yield return new ChoiceFinished(0, FinishReason.Stop, 1);
            }
            finally
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    _freed.SetResult();
                }
            }
        }
    }
}
