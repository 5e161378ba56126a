using System.ClientModel;
using System.Net;
using ManagedSwarm.Server.OpenAi;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.OpenAi;

public sealed class ApiKeyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false, "No API key")]
    [InlineData("Bearer wrong", false, "Incorrect API key")]
    [InlineData("Bearer ", false, "No API key")]
    [InlineData("Bearer first-key2", false, "Incorrect API key")]
    [InlineData("Basic first-key", false, "No API key")]
    [InlineData("Bearer first-key", true, "")]
    [InlineData("bearer second-key", true, "")]
    public async Task Opens_to_its_keys_only(string? header, bool opens, string says)
    {
        await using var server = await StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation("Authorization", header);

        using var response = await server.Http.SendAsync(request, Cancellation);

        if (opens)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return;
        }

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), (error.Status, error.Code));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/readyz", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.Unauthorized)]
    [InlineData("/models", HttpStatusCode.Unauthorized)]
    [InlineData("/nonsense", HttpStatusCode.Unauthorized)]
    public async Task Leaves_only_the_probes_open(string path, HttpStatusCode expected)
    {
        await using var server = await StartAsync();

        using var response = await server.Http.GetAsync(path, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Serves_the_official_client_with_a_key()
    {
        await using var server = await StartAsync();

        ChatCompletion answer = await server.Client("second-key").GetChatClient("fake").CompleteChatAsync([new UserChatMessage("Hi")], null, Cancellation);
        var thrown = await Assert.ThrowsAsync<ClientResultException>(() => server.Chat.CompleteChatAsync([new UserChatMessage("Hi")], null, Cancellation));

        Assert.Equal(ScriptedGenerator.Text, answer.Content[0].Text);
        Assert.Equal(401, thrown.Status);
    }

    [Fact]
    public void Never_prints_a_key() => Assert.Equal("***", $"{new ApiKey("first-key")}");

    private static Task<RunningServer> StartAsync() =>
        RunningServer.StartAsync(configure: options => options with { ApiKeys = [new ApiKey("first-key"), new ApiKey("second-key")] });
}
