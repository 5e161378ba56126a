using ManagedSwarm.Engine;
using ManagedSwarm.Tests.Server.Federation;
using ManagedSwarm.Transport.Token;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>The chat page of a router whose instance is lost in the middle of a reply.</summary>
[Trait("Tier", "Loopback")]
public sealed class RouterChatTests(Browser browser)
{
    private const int SeenTokens = 3;
    private const string SeenText = "Hë";

    private readonly SwarmToken _token = SwarmToken.Generate();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_instance_goes_on_with_the_reply(bool saysSo)
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", one);
        await using var router = await FederatedNode.StartRouterAsync(two, 2);
        await using var chat = await ChatWindow.OpenAsync(browser, router.Http.BaseAddress!);
        one.Generator.Script = two.Generator.Script = BrokenStream.At(SeenTokens, WaitAsync);
        await chat.AskAsync("Hi");
        await Assertions.Expect(chat.Running).ToContainTextAsync(SeenText);
        var (asked, other) = one.Generator.Requests.IsEmpty ? (two, one) : (one, two);

        await (saysSo ? asked.Server.StopAsync() : asked.Server.Swarm.LeaveAsync());

        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(1)).Trim());
        Assert.NotNull(Assert.Single(other.Generator.Requests).Begun);
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        var (begun, ended) = asked == one ? ("one", "two") : ("two", "one");
        await Assertions.Expect(chat.Replies.Locator(".chat-nodes")).ToHaveTextAsync($"answered by {begun} → {ended}");
        other.Generator.Script = ScriptedGenerator.Say;
        await chat.AskAsync("Once more");
        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(2)).Trim());
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Says_who_was_lost_where_nobody_can_go_on_and_the_next_message_goes_elsewhere()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(one, 1);
        await using var chat = await ChatWindow.OpenAsync(browser, router.Http.BaseAddress!);
        one.Generator.Script = BrokenStream.At(SeenTokens, WaitAsync);
        await chat.AskAsync("Hi");
        await Assertions.Expect(chat.Running).ToContainTextAsync(SeenText);

        await one.Server.Swarm.LeaveAsync();

        Assert.Equal(SeenText, (await chat.RepliedAsync(1)).Trim());
        await Assertions.Expect(chat.Replies.GetByRole(AriaRole.Alert)).ToContainTextAsync("'one' broke off in the middle of the reply");
        await using var two = await FederatedNode.StartInstanceAsync(_token, "two", router);
        await router.UntilAsync(members => members.Any(member => member.Facts is { Name: "two", Models.Count: > 0 }));
        await chat.AskAsync("Once more");
        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(2)).Trim());
        Assert.DoesNotContain(two.Model.Conversations.Single(), message => message.Content.Length == 0);
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Shows_what_the_instance_says_of_its_failure_and_asks_it_again()
    {
        await using var one = await FederatedNode.StartInstanceAsync(_token, "one");
        await using var router = await FederatedNode.StartRouterAsync(one, 1);
        await using var chat = await ChatWindow.OpenAsync(browser, router.Http.BaseAddress!);
        one.Generator.Script = BrokenStream.At(SeenTokens, _ => throw new EngineException("stage_lost", "its worker is gone"));
        await chat.AskAsync("Hi");

        Assert.Equal(SeenText, (await chat.RepliedAsync(1)).Trim());
        await Assertions.Expect(chat.Replies.GetByRole(AriaRole.Alert)).ToContainTextAsync("its worker is gone");
        one.Generator.Script = ScriptedGenerator.Say;
        await chat.AskAsync("Once more");
        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(2)).Trim());
        chat.Window.AssertClean();
    }

    private static Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
}
