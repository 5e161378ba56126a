using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Tests.Server.OpenAi;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>Routers and instances in one swarm on 127.0.0.1.</summary>
[Trait("Tier", "Loopback")]
public sealed class FederationTests
{
    private readonly SwarmToken _token = SwarmToken.Generate();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static JsonObject Completion => new() { ["model"] = FakeModel.DefaultId, ["prompt"] = "a", ["temperature"] = 0 };

    private static JsonObject Stream => new() { ["model"] = FakeModel.DefaultId, ["prompt"] = "a", ["stream"] = true, ["temperature"] = 0 };

    [Fact]
    public async Task The_official_client_gets_through_the_router_what_it_gets_directly()
    {
        await using var instance = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(instance, 1);
        foreach (var node in new[] { instance, router })
        {
            var chat = node.Client().GetChatClient(FakeModel.DefaultId);
            ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("Hi")], null, Cancellation);
            Assert.Equal(ScriptedGenerator.Text, Assert.Single(answer.Content).Text);
            Assert.Equal(ScriptedGenerator.TokenCount, answer.Usage.OutputTokenCount);
            var text = new StringBuilder();
            await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Cancellation))
            {
                text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            }

            Assert.Equal(ScriptedGenerator.Text, text.ToString());
            var models = await node.Client().GetOpenAIModelClient().GetModelsAsync(Cancellation);
            Assert.Equal(FakeModel.DefaultId, Assert.Single(models.Value).Id);
        }
    }

    [Fact]
    public async Task A_stream_is_the_same_to_the_byte_but_for_id_and_time()
    {
        await using var instance = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(instance, 1);

        var (direct, routed) = (await StreamedReply.EventsAsync(instance, Stream), await StreamedReply.EventsAsync(router, Stream));

        Assert.Equal(direct.Select(StreamedReply.WithoutIdentity), routed.Select(StreamedReply.WithoutIdentity));
        Assert.DoesNotContain(routed, line => line.Contains("tokens", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/api/p2p/token")]
    [InlineData("GET", "/api/p2p")]
    [InlineData("GET", "/api/swarm")]
    [InlineData("GET", "/api/settings")]
    [InlineData("POST", "/api/settings")]
    [InlineData("POST", "/api/swarm/drain/self")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/.well-known/localai.json")]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("GET", "/v1/models/../../api/p2p/token")]
    public async Task Members_reach_nothing_but_what_replies_take(string method, string path)
    {
        await using var instance = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var other = await FederatedNode.StartInstanceAsync(_token, "two", instance);
        await other.SeesAsync(1);
        using var http = other.Over(instance);

        using var response = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancellation);

        Assert.Equal((HttpStatusCode.NotFound, "unknown_url"), ((await ErrorReply.ReadAsync(response)).Status, (await ErrorReply.ReadAsync(response)).Code));
        Assert.Contains(FakeModel.DefaultId, await http.GetStringAsync("/v1/models", Cancellation), StringComparison.Ordinal);
        Assert.Contains("ok", await http.GetStringAsync("/readyz", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_no_instance_answers_no_member()
    {
        await using var first = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var closed = await FederatedNode.StartInstanceAsync(_token, "two", first, configure: options => options with { IsInstance = false });
        await closed.SeesAsync(1);
        await first.SeesAsync(1);
        using var http = first.Over(closed);

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/v1/models", Cancellation));
    }

    [Fact]
    public async Task The_router_has_keys_of_its_own_and_members_need_none()
    {
        await using var instance = await FederatedNode.StartInstanceAsync(_token, "one", configure: options => options with { ApiKeys = [new ApiKey("its")] });
        await using var router = await FederatedNode.StartRouterAsync(instance, 1, configure: options => options with { ApiKeys = [new ApiKey("ours")] });

        using var without = await router.PostAsync("/v1/completions", Completion);
        using var wrong = await router.PostAsync("/v1/completions", Completion, message => message.Headers.Authorization = new("Bearer", "its"));
        using var right = await router.PostAsync("/v1/completions", Completion, message => message.Headers.Authorization = new("Bearer", "ours"));

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, wrong.StatusCode, right.StatusCode));
    }

    [Fact]
    public async Task Requests_go_to_who_has_their_model()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one", model: "a/b");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one, model: "c");
        await using var router = await FederatedNode.StartRouterAsync(two, 2, configure: options => options with { ShowsNode = true });

        var list = await router.GetAsync("/v1/models");
        var card = await router.GetAsync("/v1/models/a/b");
        using var answer = await router.PostAsync("/v1/completions", new() { ["model"] = "c", ["prompt"] = "x" });
        using var unknown = await router.PostAsync("/v1/completions", new() { ["model"] = "d", ["prompt"] = "x" });
        using var unnamed = await router.PostAsync("/v1/completions", new() { ["prompt"] = "x" });

        Assert.Equal(["a/b", "c"], list["data"]!.AsArray().Select(model => (string)model!["id"]!));
        Assert.Equal(one.Id.ToString(), (string)card["managedswarm"]!["nodes"]![0]!["id"]!);
        Assert.Equal((1, 0), (two.Generator.Requests.Count, one.Generator.Requests.Count));
        Assert.Equal(two.Id.ToString(), Assert.Single(answer.Headers.GetValues("X-ManagedSwarm-Node")));
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), await CodeOfAsync(unknown));
        Assert.Equal((HttpStatusCode.BadRequest, "missing_required_parameter"), await CodeOfAsync(unnamed));
    }

    [Fact]
    public async Task Says_when_to_come_back_where_nobody_has_the_model_now()
    {
        await using var instance = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var other = await FederatedNode.StartInstanceAsync(_token, "two", instance, model: "c");
        await using var router = await FederatedNode.StartRouterAsync(other, 2);
        instance.Server.Swarm.Announce([]);
        await router.SeesAsync(1);
        await CheckAsync(FakeModel.DefaultId);

        // Where there is no instance at all, any model may come.
        await instance.Server.Swarm.LeaveAsync();
        await other.Server.Swarm.LeaveAsync();
        await router.UntilAsync(members => members.Count(member => member.State == MemberState.Left) == 2);
        await CheckAsync("never heard of");

        async Task CheckAsync(string model)
        {
            using var response = await router.PostAsync("/v1/completions", new() { ["model"] = model, ["prompt"] = "x" });
            var error = await ErrorReply.ReadAsync(response);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_instance", "model"), (error.Status, error.Code, error.Param));
            Assert.Contains($"'{model}'", error.Message, StringComparison.Ordinal);
            Assert.Equal(new RouterOptions().RetryAfter, response.Headers.RetryAfter?.Delta);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Goes_to_another_instance_as_long_as_nothing_was_sent(bool isStream)
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one);
        await using var router = await FederatedNode.StartRouterAsync(two, 2);
        one.Generator.Script = ScriptedGenerator.Throw(new EngineException("stage_lost", "gone"));

        // Whose turn it is does not matter: each has it.
        for (var i = 0; i < 4; i++)
        {
            using var response = await router.PostAsync("/v1/completions", isStream ? Stream : Completion);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEmpty(await response.Content.ReadAsStringAsync(Cancellation));
        }

        Assert.Equal(4, two.Generator.Requests.Count);
        Assert.NotEmpty(one.Generator.Requests);
        var metrics = await router.Http.GetStringAsync("/metrics", Cancellation);
        Assert.Matches($$"""managedswarm_federation_retries[a-z_]*total\{[^}]*peer="{{one.Id}}"[^}]*\} [1-9]""", metrics);
        Assert.Matches($$"""managedswarm_federation_requests[a-z_]*total\{[^}]*outcome="failed"[^}]*peer="{{one.Id}}"[^}]*\} [1-9]""", metrics);
        Assert.Matches($$"""managedswarm_federation_in_flight\{[^}]*peer="{{two.Id}}"[^}]*\} 0""", metrics);
        Assert.Matches($$"""managedswarm_federation_latency_seconds_count\{[^}]*peer="{{two.Id}}"[^}]*\} 4""", metrics);
    }

    [Fact]
    public async Task The_last_one_s_refusal_is_the_client_s()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(one, 1);
        one.Generator.Script = ScriptedGenerator.Throw(new EngineException("queue_full", "full") { RetryAfter = TimeSpan.FromSeconds(7) });

        foreach (var request in new[] { Completion, Stream })
        {
            using var response = await router.PostAsync("/v1/completions", request);
            Assert.Equal((HttpStatusCode.TooManyRequests, "queue_full"), await CodeOfAsync(response));
            Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_away_is_heard_by_the_instance(bool isStream)
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(one, 1);
        var (asked, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        one.Generator.Script = (_, cancellation) => WaitAsync(asked, cancelled, cancellation);
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var request = router.PostAsync("/v1/completions", isStream ? Stream : Completion, cancellation: client.Token);
        await asked.Task.WaitAsync(Cancellation);
        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await cancelled.Task.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Clients_cannot_say_how_a_reply_begins()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(one, 1);
        foreach (var node in new[] { one, router })
        {
            var request = Stream;
            request[ResumePoint.Member] = new JsonObject { ["identity"] = "a 1 b", ["text_length"] = 0, ["tokens"] = new JsonArray() };
            using var response = await node.PostAsync("/v1/completions", request, message => message.Headers.Add(PeerHeaders.WantsTokens, "1"));
            Assert.Equal((HttpStatusCode.BadRequest, "unknown_parameter"), await CodeOfAsync(response));
        }

        Assert.Empty(one.Generator.Requests);
    }

    [Fact]
    public async Task A_node_that_routes_answers_itself_too_and_sends_nothing_on_that_was_sent_to_it()
    {
        var router = new RouterOptions { Policy = RoutePolicyKind.LeastBusy, SlowStart = FederatedNode.NoSlowStart };
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one", configure: options => options with { Router = router });
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one, configure: options => options with { Router = router });
        await one.SeesAsync(1);
        await two.SeesAsync(1);

        foreach (var request in new[] { Completion, Completion, Stream, Stream })
        {
            using var response = await one.PostAsync("/v1/completions", request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsStringAsync(Cancellation);
        }

        Assert.Equal((2, 2), (one.Generator.Requests.Count, two.Generator.Requests.Count));

        // Bad ones are refused by whoever has them, as ever.
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var request = Stream;
            request["max_tokens"] = -1;
            using var refused = await one.PostAsync("/v1/completions", request);
            var error = await ErrorReply.ReadAsync(refused);
            Assert.Equal((HttpStatusCode.BadRequest, "max_tokens"), (error.Status, error.Param));
        }
    }

    [Fact]
    public async Task An_answer_says_whose_machine_it_is_of()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one", configure: options => options with { MachineTag = "the desk" });
        await using var router = await FederatedNode.StartRouterAsync(one, 1, configure: options => options with { MachineTag = "router" });

        using var whole = await router.PostAsync("/v1/completions", Completion);
        using var stream = await router.PostAsync("/v1/completions", Stream);
        using var own = await router.Http.GetAsync("/v1/models", Cancellation);

        Assert.Equal(
            ["the desk", "the desk", "router"], new[] { whole, stream, own }.Select(response => Assert.Single(response.Headers.GetValues("Machine-Tag"))));
    }

    [Fact]
    public async Task An_instance_that_leaves_a_swarm_is_one_in_the_next()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        var other = SwarmToken.Generate();
        await using var there = await FederatedNode.StartInstanceAsync(other, "there", model: "c");
        await one.Server.Swarm.ChangeAsync(settings => settings with { Token = other, Bootstrap = there.Joined.Addresses }, Cancellation);
        await using var router = await FederatedNode.StartRouterAsync(there, 2);

        using var response = await router.PostAsync("/v1/completions", Completion);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(one.Generator.Requests);
    }

    private static async IAsyncEnumerable<GenerationEvent> WaitAsync(
        TaskCompletionSource asked, TaskCompletionSource cancelled, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var registration = cancellation.Register(cancelled.SetResult);
        asked.SetResult();
        await cancelled.Task.WaitAsync(Cancellation);
        cancellation.ThrowIfCancellationRequested();
        yield break;
    }

    private static async Task<(HttpStatusCode Status, string? Code)> CodeOfAsync(HttpResponseMessage response)
    {
        var error = await ErrorReply.ReadAsync(response);
        return (error.Status, error.Code);
    }
}
