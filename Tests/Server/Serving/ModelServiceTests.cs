using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.EndToEnd;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.Serving;

/// <summary>Models that come and go while the server runs, by its API.</summary>
public sealed class ModelServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, FakeModel> _loaded = [];
    private readonly Dictionary<string, Exception> _broken = [];
    private readonly TaskCompletionSource _slow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelServiceTests()
    {
        foreach (var name in new[] { "ant", "bee", "cat", "slow" })
        {
            File.Copy(ServedFile.Tiny, _folder.File(name + ".gguf"));
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Another_model_takes_the_place_of_the_one_that_is_there()
    {
        await using var server = await StartAsync();
        Assert.Equal("ant loaded, bee unloaded, cat unloaded, slow unloaded", await ListAsync(server));

        Assert.Equal("loading", (string?)await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Accepted, "state"));
        await UntilAsync(server, slot => slot.Current?.Id == "bee");

        Assert.Equal("ant unloaded, bee loaded, cat unloaded, slow unloaded", await ListAsync(server));
        Assert.True(_loaded["ant"].IsDisposed);
        Assert.Equal("bee", (string?)(await server.PostOkAsync("/v1/chat/completions", Chat("bee")))["model"]);
        using var old = await server.PostAsync("/v1/chat/completions", Chat("ant"));
        Assert.Equal(HttpStatusCode.NotFound, old.StatusCode);
    }

    [Fact]
    public async Task Replies_under_way_end_first_while_new_ones_are_told_to_come_back()
    {
        await using var server = await StartAsync();
        var generator = (ScriptedGenerator)_loaded["ant"].Generator;
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        generator.Script = (request, cancellation) => HoldAsync(generator, begun, end.Task, request, cancellation);
        var reply = server.PostOkAsync("/v1/chat/completions", Chat("ant"));
        await begun.Task.WaitAsync(Cancellation);

        await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Asked?.Name == "bee");
        using var refused = await server.PostAsync("/v1/chat/completions", Chat("ant"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.False(_loaded["ant"].IsDisposed);
        end.SetResult();

        Assert.Equal(ScriptedGenerator.Text, (string?)(await reply)["choices"]![0]!["message"]!["content"]);
        await UntilAsync(server, slot => slot.Current?.Id == "bee");
    }

    [Fact]
    public async Task The_model_before_comes_back_where_another_one_cannot_be_loaded()
    {
        _broken["bee"] = new EngineException("out_of_memory", "it needs 9 TB");
        await using var server = await StartAsync();
        var before = _loaded["ant"];

        await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Accepted, "state");
        // The failure is told at once, too, until the one before is being loaded.
        await UntilAsync(server, slot => slot is { Failure: not null, Current.Id: "ant" });

        Assert.Equal("ant loaded, bee failed, cat unloaded, slow unloaded", await ListAsync(server));
        var list = await server.Http.GetStringAsync("/api/models", Cancellation);
        Assert.Contains("it needs 9 TB", list, StringComparison.Ordinal);
        Assert.NotSame(before, _loaded["ant"]);
        await server.PostOkAsync("/v1/chat/completions", Chat("ant"));
    }

    [Fact]
    public async Task Says_both_reasons_where_the_model_before_cannot_come_back_and_a_third_one_can_be_loaded()
    {
        await using var server = await StartAsync();
        _broken["bee"] = new EngineException("out_of_memory", "it needs 9 TB");
        _broken["ant"] = new InvalidOperationException("a fault of the program");

        await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Failure?.Reason.Contains("nor can ant be loaded again", StringComparison.Ordinal) == true);
        using var refused = await server.PostAsync("/v1/chat/completions", Chat("ant"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        await PostAsync(server, "load", """{"model": "cat"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Current?.Id == "cat");
        Assert.Null(server.Server.Models.Failure);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused_before_anything_is_lost()
    {
        await using var server = await StartAsync();
        await File.WriteAllTextAsync(_folder.File("text.gguf"), "no model", Cancellation);

        var message = await PostAsync(server, "load", """{"model": "text"}""", HttpStatusCode.Conflict, "error", "message");

        Assert.Contains("text.gguf", message!, StringComparison.Ordinal);
        Assert.False(_loaded["ant"].IsDisposed);
        await server.PostOkAsync("/v1/chat/completions", Chat("ant"));
    }

    [Fact]
    public async Task A_load_can_be_given_up_and_another_begun()
    {
        await using var server = await StartAsync();
        await PostAsync(server, "load", """{"model": "slow"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Asked?.Name == "slow");
        Assert.Contains("slow is being loaded", await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Conflict, "error", "message"), StringComparison.Ordinal);
        Assert.Equal("ant unloaded, bee unloaded, cat unloaded, slow loading", await ListAsync(server));

        Assert.Equal("unloaded", await PostAsync(server, "unload", """{"model": "slow"}""", HttpStatusCode.OK, "state"));
        Assert.Equal("ant unloaded, bee unloaded, cat unloaded, slow unloaded", await ListAsync(server));
        Assert.Equal("model_unloaded", await PostAsync(server, "/v1/chat/completions", Chat("ant"), HttpStatusCode.ServiceUnavailable, "error", "code"));

        await PostAsync(server, "load", """{"model": "bee"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Current?.Id == "bee");
    }

    [Fact]
    public async Task A_load_ends_with_the_server()
    {
        var server = await StartAsync();
        await PostAsync(server, "load", """{"model": "slow"}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Asked?.Name == "slow");
        // Nobody tells of that.
        await TestPeer.UntilAsync(() => _loaded["ant"].IsDisposed);

        await server.DisposeAsync();

        Assert.DoesNotContain("slow", _loaded.Keys);
    }

    [Fact]
    public async Task The_swarm_hears_of_the_model_that_is_there_and_of_none_while_there_is_none()
    {
        await using var server = await StartAsync(options => options with { Swarm = FakeSwarms.Setup(_folder, new() { IsOn = true }) });
        await server.Server.Swarm.StartAsync(Cancellation);
        var swarm = Assert.IsType<FakeSwarm>(server.Server.Swarm.Current);
        Assert.Equal(["ant"], FactsOf(swarm).Models.Select(model => model.Id));

        await PostAsync(server, "unload", """{"model": "ant"}""", HttpStatusCode.OK, "state");
        Assert.Empty(FactsOf(swarm).Models);

        await PostAsync(server, "load", """{"model": "bee", "min_workers": 0}""", HttpStatusCode.Accepted, "state");
        await UntilAsync(server, slot => slot.Current?.Id == "bee");
        // Waits for its turn: the swarm hears of a model a moment after it is there.
        Assert.False(await server.Server.Serving.UnloadAsync("nobody"));
        await server.Server.Serving.WithdrawAsync();
        Assert.Empty(FactsOf(swarm).Models);
    }

    [Theory]
    [InlineData("load", """{"model": "../ant"}""", HttpStatusCode.NotFound)]
    [InlineData("load", """{"model": "dog"}""", HttpStatusCode.NotFound)]
    [InlineData("load", """{"modell": "ant"}""", HttpStatusCode.BadRequest)]
    [InlineData("load", """{"model": "bee", "context": -1}""", HttpStatusCode.BadRequest)]
    [InlineData("load", """{"model": "bee", "split": "manual"}""", HttpStatusCode.BadRequest)]
    [InlineData("load", """{"model": "bee", "min_workers": 1}""", HttpStatusCode.Conflict)]
    [InlineData("unload", """{"model": "bee"}""", HttpStatusCode.NotFound)]
    [InlineData("unload", """{}""", HttpStatusCode.BadRequest)]
    public async Task What_cannot_be_done_is_refused_and_all_stays(string what, string json, HttpStatusCode status)
    {
        await using var server = await StartAsync();

        await PostAsync(server, what, json, status, "error", "message");

        Assert.Equal("ant", server.Server.Models.Current?.Id);
    }

    private async Task<RunningServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var setup = FakeModelSetup.Create(LoadAsync, _folder.File("ant.gguf"));
        var server = await RunningServer.StartAsync(
            loaded: false, options => (configure ?? (same => same))(options with { Models = setup, DrainTimeout = TimeSpan.FromMinutes(1) }));
        await server.Server.Serving.LoadAsync(setup.Catalog.First, null, Cancellation);
        return server;
    }

    private async Task<IServedModel> LoadAsync(
        string path,
        string? id,
        ModelOptions options,
        IProgress<LoadProgress> progress,
        System.Diagnostics.Metrics.IMeterFactory meters,
        IStageSource? stages,
        CancellationToken cancellationToken)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (_broken.TryGetValue(name, out var exception))
        {
            throw exception;
        }

        if (name == "slow")
        {
            await _slow.Task.WaitAsync(cancellationToken);
        }

        return _loaded[name] = new FakeModel(new ScriptedGenerator()) { Id = name };
    }

    private static async IAsyncEnumerable<GenerationEvent> HoldAsync(
        ScriptedGenerator generator,
        TaskCompletionSource begun,
        Task end,
        GenerationRequest request,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        generator.Load = new(1, 0);
        begun.SetResult();
        await end.WaitAsync(cancellationToken);
        await foreach (var said in ScriptedGenerator.Say(request, cancellationToken))
        {
            yield return said;
        }

        generator.Load = default;
    }

    private static NodeFacts FactsOf(FakeSwarm swarm) => swarm.Members.Single(member => member.IsSelf).Facts;

    private static string Chat(string model) => $$"""{"model": "{{model}}", "messages": [{"role": "user", "content": "a"}]}""";

    private static async Task<string> ListAsync(RunningServer server)
    {
        var list = JsonNode.Parse(await server.Http.GetStringAsync("/api/models", Cancellation))!;
        return string.Join(", ", list["data"]!.AsArray().Select(model => $"{model!["id"]} {model["state"]}"));
    }

    /// <returns>A member of the answer.</returns>
    private static async Task<string?> PostAsync(RunningServer server, string what, string json, HttpStatusCode status, params IEnumerable<string> member)
    {
        using var response = await server.PostAsync(what[0] == '/' ? what : $"/api/models/{what}", json);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == status, text);
        return (string?)member.Aggregate(JsonNode.Parse(text)!, (node, name) => node[name]!);
    }

    private static async Task UntilAsync(RunningServer server, Func<ModelSlot, bool> isSo)
    {
        var slot = server.Server.Models;
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        slot.Changed += Tell;
        while (!isSo(slot))
        {
            await news.Reader.ReadAsync(Cancellation);
        }

        slot.Changed -= Tell;

        void Tell() => news.Writer.TryWrite(true);
    }
}
