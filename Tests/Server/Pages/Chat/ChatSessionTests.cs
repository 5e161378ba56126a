using ManagedSwarm.Server.Pages.Chat;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class ChatSessionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeChatApi _api;
    private readonly ChatSession _session;

    public ChatSessionTests()
    {
        _api = new(_time);
        _session = new(_api, _time);
    }

    [Fact]
    public async Task A_question_is_there_at_once_and_the_reply_when_it_is_over()
    {
        var reply = _session.SendAsync(" Hello? ");
        Assert.Equal([new(TurnRole.User, "Hello?")], _session.Conversation.Turns);
        Assert.NotNull(_session.Running);

        _api.Say("**Hi**");
        _api.Say(" there");
        _api.SayPart(new(_time.GetTimestamp(), Finish: "length"));
        _api.End();
        Assert.True(await reply.WaitAsync(Limit, TestContext.Current.CancellationToken));

        Assert.Null(_session.Running);
        var turn = _session.Conversation.Turns[^1];
        Assert.Equal((TurnRole.Assistant, "**Hi** there", ReplyEnd.Length), (turn.Role, turn.Text, turn.Facts!.End));
        Assert.Equal(["<p><strong>Hi</strong> there</p>"], _session.BlocksOf(turn));
    }

    [Fact]
    public async Task Each_request_has_the_whole_conversation_before_it()
    {
        await AskAsync("One?", "1");
        _session.Change(conversation => conversation with { SystemPrompt = "Be brief.", Model = "tales", Sampling = new() { Seed = 7 } });
        await AskAsync("Two?", "2");

        Assert.Equal(["One?", "1", "Two?"], _api.Asked[1].Turns.Select(turn => turn.Text));
        Assert.Equal(("Be brief.", "tales", 7L), (_api.Asked[1].SystemPrompt, _api.Asked[1].Model, _api.Asked[1].Sampling.Seed));
    }

    [Fact]
    public async Task Stop_cancels_the_request_and_keeps_what_has_come()
    {
        var reply = _session.SendAsync("Hello?");
        _api.Say("Once upon");
        await UntilAsync(() => _session.Running!.HasBegun);

        _session.Stop();
        await _api.Cancelled.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.True(await reply.WaitAsync(Limit, TestContext.Current.CancellationToken));

        var turn = _session.Conversation.Turns[^1];
        Assert.Equal(("Once upon", ReplyEnd.Stopped), (turn.Text, turn.Facts!.End));
        Assert.Equal((1, false), (turn.Facts.Tokens, turn.Facts.IsCounted));
    }

    [Fact]
    public async Task Regenerate_asks_the_same_again_and_replaces_the_reply()
    {
        await AskAsync("Hello?", "First");
        var again = _session.RegenerateAsync();
        _api.Say("Second");
        _api.End();
        Assert.True(await again.WaitAsync(Limit, TestContext.Current.CancellationToken));

        Assert.Equal(["Hello?"], _api.Asked[1].Turns.Select(turn => turn.Text));
        Assert.Equal(["Hello?", "Second"], _session.Conversation.Turns.Select(turn => turn.Text));
    }

    [Fact]
    public async Task An_error_stands_where_the_reply_would_and_can_be_tried_again()
    {
        var reply = _session.SendAsync("Hello?");
        _api.Say("Half");
        _api.End(new ChatApiException("the model was lost", isTransient: true));
        await reply.WaitAsync(Limit, TestContext.Current.CancellationToken);

        var turn = _session.Conversation.Turns[^1];
        Assert.Equal(("Half", ReplyEnd.Failed, "the model was lost"), (turn.Text, turn.Facts!.End, turn.Facts.Error));
        Assert.True(_session.CanRegenerate);
    }

    [Fact]
    public async Task One_reply_at_a_time()
    {
        var reply = _session.SendAsync("Hello?");
        Assert.False(await _session.SendAsync("And?"));
        Assert.False(await _session.RegenerateAsync());
        Assert.Null(_session.TakeBack());
        _api.End();
        await reply.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.False(await _session.SendAsync("  \n"));
        Assert.Single(_api.Asked);
    }

    [Fact]
    public async Task What_was_asked_last_can_be_taken_back_with_its_reply()
    {
        await AskAsync("One?", "1");
        await AskAsync("Two?", "2");

        Assert.Equal("Two?", _session.TakeBack());
        Assert.Equal(["One?", "1"], _session.Conversation.Turns.Select(turn => turn.Text));
    }

    [Fact]
    public async Task Another_conversation_ends_the_reply_of_the_one_before()
    {
        var reply = _session.SendAsync("Hello?");
        _api.Say("Once");
        await UntilAsync(() => _session.Running!.HasBegun);
        var other = Conversation.New();

        _session.Open(other);
        await reply.WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.True(_api.Cancelled.Task.IsCompleted);
        Assert.Same(other, _session.Conversation);
        Assert.Null(_session.Running);
    }

    [Fact]
    public async Task A_hundred_parts_at_once_are_shown_at_once()
    {
        var shown = 0;
        for (var i = 0; i < 100; i++)
        {
            _api.Say("x ");
        }

        _session.Changed += () => shown++;
        var reply = _session.SendAsync("Hello?");
        // The clock stands: what comes before the pace is over is shown together.
        await UntilAsync(() => shown >= 2);
        for (var i = 0; i < 100; i++)
        {
            _api.Say("y ");
        }

        _api.End();
        await reply.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(200, _session.Conversation.Turns[^1].Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.InRange(shown, 3, 5);
    }

    private async Task AskAsync(string question, string answer)
    {
        var reply = _session.SendAsync(question);
        _api.Say(answer);
        _api.End();
        Assert.True(await reply.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
