using System.ClientModel;
using System.Text;
using ManagedSwarm.Engine;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>OpenAI's own client understands the answers, also through a router.</summary>
public sealed class OfficialClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completes_a_chat(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);

        ChatCompletion answer = await server.Chat.CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Hi")], null, Cancellation);

        Assert.Equal(ScriptedGenerator.Text, Assert.Single(answer.Content).Text);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.StartsWith("chatcmpl-", answer.Id, StringComparison.Ordinal);
        Assert.Equal(FakeModel.DefaultId, answer.Model);
        Assert.Equal("Be brief.Hi".Length, answer.Usage.InputTokenCount);
        Assert.Equal(ScriptedGenerator.TokenCount, answer.Usage.OutputTokenCount);
        Assert.Equal("Be brief.Hi".Length + ScriptedGenerator.TokenCount, answer.Usage.TotalTokenCount);
        Assert.Equal(["system", "user"], Assert.Single(server.Model.Conversations).Select(message => message.Role));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_a_chat(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);
        var text = new StringBuilder();
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;

        await foreach (var update in server.Chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Cancellation))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            reason = update.FinishReason ?? reason;
            usage = update.Usage ?? usage;
        }

        Assert.Equal(ScriptedGenerator.Text, text.ToString());
        Assert.Equal(ChatFinishReason.Stop, reason);
        Assert.Equal(2 + ScriptedGenerator.TokenCount, usage?.TotalTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passes_its_options_to_the_engine(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);
        var options = new ChatCompletionOptions
        {
            Temperature = 0.25f,
            TopP = 0.5f,
            MaxOutputTokenCount = 3,
            PresencePenalty = 1.5f,
            FrequencyPenalty = -0.5f,
            EndUserId = "someone",
            StopSequences = { "one", "two" },
            LogitBiases = { [7] = -100 },
            IncludeLogProbabilities = true,
            TopLogProbabilityCount = 2,
#pragma warning disable OPENAI001 // 'Seed' is marked as experimental.
            Seed = -5,
#pragma warning restore OPENAI001
        };

        ChatCompletion answer = await server.Chat.CompleteChatAsync([new UserChatMessage("Hi")], options, Cancellation);

        var request = Assert.Single(server.Generator.Requests);
        Assert.Equal(0.25f, request.Sampling.Temperature);
        Assert.Equal(0.5f, request.Sampling.TopP);
        Assert.Equal(1.5f, request.Sampling.PresencePenalty);
        Assert.Equal(-0.5f, request.Sampling.FrequencyPenalty);
        Assert.Equal(unchecked((ulong)-5L), request.Sampling.Seed);
        Assert.Equal([KeyValuePair.Create(7, -100f)], request.Sampling.LogitBias);
        Assert.Equal(["one", "two"], request.Stop);
        Assert.Equal(3, request.MaxTokens);
        Assert.Equal(2, request.TopLogProbs);
        Assert.Equal(ChatFinishReason.Length, answer.FinishReason);
        Assert.Equal(["H", @"bytes:\xc3", @"bytes:\xab"], answer.ContentTokenLogProbabilities.Select(token => token.Token));
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
        Assert.Equal(ScriptedGenerator.LogProb, answer.ContentTokenLogProbabilities[0].LogProbability);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lists_and_retrieves_models(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);
        var models = server.Client().GetOpenAIModelClient();

        var listed = (await models.GetModelsAsync(Cancellation)).Value;
        var retrieved = (await models.GetModelAsync(FakeModel.DefaultId, Cancellation)).Value;

        Assert.Equal(FakeModel.DefaultId, Assert.Single(listed).Id);
        Assert.Equal(FakeModel.DefaultId, retrieved.Id);
        // A router knows since when, but not when it was made.
        Assert.Equal(!isRouted, retrieved.CreatedAt == server.Model.Created);
        Assert.Equal("managedswarm", retrieved.OwnedBy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reports_errors_with_their_message(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);
        var client = server.Client().GetChatClient("another");

        var thrown = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync([new UserChatMessage("Hi")], null, Cancellation));

        Assert.Equal(404, thrown.Status);
        Assert.Contains("model_not_found", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("'another'", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_breaks_off_is_what_there_was_and_has_no_reason(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);
        server.Generator.Script = ScriptedGenerator.SayThenThrow(new EngineException("stage_lost", "gone"));
        var updates = new List<StreamingChatCompletionUpdate>();

        await foreach (var update in server.Chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")], null, Cancellation))
        {
            updates.Add(update);
        }

        Assert.Equal("H", string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
        Assert.All(updates, update => Assert.Null(update.FinishReason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_options_are_named(bool isRouted)
    {
        await using var server = await ApiWay.StartAsync(isRouted);

        var thrown = await Assert.ThrowsAsync<ClientResultException>(() => server.Chat.CompleteChatAsync(
            [new UserChatMessage("Hi")], new ChatCompletionOptions { Temperature = -1 }, Cancellation));

        Assert.Equal(400, thrown.Status);
        Assert.Contains("temperature", thrown.Message, StringComparison.Ordinal);
    }
}
