using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.EndToEnd;
using ManagedSwarm.Transport.Token;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>The chat page of real processes, with the model that ships: one node, one model over workers, a router.</summary>
public sealed class ChatProcessTests(Browser browser) : IDisposable
{
    private const string Question = "Tell me a story about a fox and a lantern.";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Shows_the_reply_that_the_API_gives()
    {
        await using var node = NodeProgram.Start(_folder.File("node"), ["run", ServedFile.Tales, "--address", "127.0.0.1:0"]);
        await node.ServesAsync();
        await using var chat = await AskAsync(node);

        Assert.Equal(await ReplyOfAsync(node), (await chat.RepliedAsync(1)).Trim());
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("tokens/s");
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("answered by this node");
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Names_the_nodes_and_layers_of_a_model_that_is_spread()
    {
        await using var workers = await Workers.StartAsync(_folder, 2);
        await using var head = NodeProgram.Start(
            _folder.File("head"),
            [
                "run", ServedFile.Tales, "--token", workers.Token, "--address", "127.0.0.1:0", "--node-name", "the head", .. NodeProgram.Loopback,
                "--layers", "self=0..0", "--layers", "w0=1..2", "--layers", "w1=3..3",
            ]);
        await head.ServesAsync();
        await using var chat = await AskAsync(head);

        Assert.Equal(await ReplyOfAsync(head), (await chat.RepliedAsync(1)).Trim());
        var nodes = chat.Replies.Locator(".chat-facts details");
        await Assertions.Expect(nodes.Locator("summary")).ToHaveTextAsync("answered by the head (layers 0..0) → w0 (layers 1..2) → w1 (layers 3..3)");
        await nodes.Locator("summary").ClickAsync();
        await Assertions.Expect(nodes.Locator("tbody tr")).ToHaveCountAsync(3);
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Names_the_instance_that_a_router_has_asked()
    {
        var token = SwarmToken.Generate().Reveal();
        await using var instance = NodeProgram.Start(
            _folder.File("instance"),
            ["run", ServedFile.Tales, "--token", token, "--federated", "--node-name", "desk", "--address", "127.0.0.1:0", .. NodeProgram.Loopback]);
        await using var router = NodeProgram.Start(
            _folder.File("router"), ["federated", "--token", token, "--node-name", "door", "--address", "127.0.0.1:0", .. NodeProgram.Loopback]);
        await instance.ServesAsync();
        await router.ServesAsync();
        await router.ShowsAsync("/v1/models", (JsonNode models) => models["data"]!.AsArray().Count == 1);
        await using var chat = await AskAsync(router);

        Assert.Equal(await ReplyOfAsync(router), (await chat.RepliedAsync(1)).Trim());
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("answered by desk");
        await Assertions.Expect(chat.Page.GetByText("on 1 node")).ToBeVisibleAsync();
        chat.Window.AssertClean();
    }

    private async Task<ChatWindow> AskAsync(NodeProgram node)
    {
        var chat = await ChatWindow.OpenAsync(browser, node.Http.BaseAddress!);
        await chat.Button("Settings").ClickAsync();
        var temperature = chat.Page.Locator("#chat-settings").GetByLabel("Temperature");
        await temperature.FillAsync("0");
        await temperature.BlurAsync();
        await chat.AskAsync(Question);
        return chat;
    }

    private static async Task<string> ReplyOfAsync(NodeProgram node)
    {
        var answer = await node.AskAsync(
            "/v1/chat/completions",
            new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }), ["temperature"] = 0 });
        return ((string)answer["choices"]![0]!["message"]!["content"]!).Trim();
    }
}
