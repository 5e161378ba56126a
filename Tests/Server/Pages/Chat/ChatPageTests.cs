using System.Runtime.CompilerServices;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using Microsoft.Playwright;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

/// <summary>The chat page in a browser, with a model that says what the test wants.</summary>
public sealed class ChatPageTests(Browser browser)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enter_sends_and_Shift_Enter_begins_a_line()
    {
        await using var server = await RunningServer.StartAsync();
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);

        await chat.Question.FillAsync("one");
        await chat.Question.PressAsync("Shift+Enter");
        await chat.Question.PressSequentiallyAsync("two");
        await chat.Question.PressAsync("Enter");

        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(1)).Trim());
        Assert.Equal("one\ntwo", Assert.Single(server.Model.Conversations)[^1].Content);
        await Assertions.Expect(chat.Question).ToHaveValueAsync("");
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Below_a_reply_stand_its_tokens_its_times_and_its_node()
    {
        await using var server = await RunningServer.StartAsync();
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await chat.RepliedAsync(1);

        var facts = chat.Replies.Locator(".chat-facts");
        await Assertions.Expect(facts).ToContainTextAsync("first token after");
        await Assertions.Expect(facts).ToContainTextAsync($"{ScriptedGenerator.TokenCount} tokens");
        await Assertions.Expect(facts).ToContainTextAsync("answered by this node");
    }

    [Fact]
    public async Task Who_leaves_the_page_ends_the_generation()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = (_, cancellationToken) => SayWithoutEnd(ended, cancellationToken);
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await Assertions.Expect(chat.Running).ToContainTextAsync("and on and on");

        await chat.Page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();

        await ended.Task.WaitAsync(Limit, Cancellation);
        chat.Window.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_and_Escape_end_the_generation_and_keep_the_text(bool byEscape)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = (_, cancellationToken) => SayWithoutEnd(ended, cancellationToken);
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await Assertions.Expect(chat.Running).ToContainTextAsync("and on and on");

        await (byEscape ? chat.Page.Keyboard.PressAsync("Escape") : chat.Button("Stop").ClickAsync());
        await ended.Task.WaitAsync(Limit, Cancellation);

        Assert.Contains("and on", await chat.RepliedAsync(1), StringComparison.Ordinal);
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("stopped");
        await Assertions.Expect(chat.Button("Send")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task Regenerate_replaces_the_reply_and_Edit_takes_the_question_back()
    {
        await using var server = await RunningServer.StartAsync();
        var count = 0;
        server.Generator.Script = (_, _) => Say($"reply {++count}");
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi there");
        Assert.Equal("reply 1", (await chat.RepliedAsync(1)).Trim());

        await chat.Button("Regenerate").ClickAsync();
        await Assertions.Expect(chat.Replies.Locator(".chat-text")).ToHaveTextAsync("reply 2");
        Assert.Equal(2, server.Generator.Requests.Count);

        await chat.Button("Edit").ClickAsync();
        await Assertions.Expect(chat.Question).ToHaveValueAsync("Hi there");
        await Assertions.Expect(chat.Replies).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Settings_and_the_system_prompt_reach_the_model()
    {
        await using var server = await RunningServer.StartAsync();
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.Button("Settings").ClickAsync();
        await FillAsync("System prompt", "Be brief.");
        await FillAsync("Temperature", "0.5");
        await FillAsync("Max tokens", "3");
        await FillAsync("Seed", "7");
        await FillAsync("Top p", "0.9");
        await FillAsync("Top k", "40");
        await FillAsync("Min p", "0.05");
        await FillAsync("Repeat penalty", "1.25");

        await chat.AskAsync("Hi");
        Assert.Equal("Hë", (await chat.RepliedAsync(1)).Trim());

        Assert.True(server.Generator.Requests.TryPeek(out var request));
        var sampling = request.Sampling;
        Assert.Equal((0.5f, 0.9f, 40, 0.05f, 1.25f, 7UL), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP, sampling.RepeatPenalty, sampling.Seed));
        Assert.Equal(3, request.MaxTokens);
        Assert.Equal(["system Be brief.", "user Hi"], server.Model.Conversations.Last().Select(message => $"{message.Role} {message.Content}"));
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("cut at the limit of tokens");
        chat.Window.AssertClean();

        async Task FillAsync(string label, string value)
        {
            var field = chat.Page.Locator("#chat-settings").GetByLabel(label);
            await field.FillAsync(value);
            await field.BlurAsync();
        }
    }

    [Fact]
    public async Task Conversations_survive_a_reload_in_the_browser_and_can_be_deleted()
    {
        await using var server = await RunningServer.StartAsync();
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("The first question");
        await chat.RepliedAsync(1);
        await chat.BeginAsync();
        await chat.AskAsync("The second question");
        await chat.RepliedAsync(1);
        await chat.KeptAsync(2);
        var titles = chat.Page.Locator(".chat-title");
        await Assertions.Expect(titles).ToHaveTextAsync(["The second question", "The first question"]);

        await chat.Page.ReloadAsync();
        await chat.Window.ConnectedAsync();
        await Assertions.Expect(titles).ToHaveTextAsync(["The second question", "The first question"]);
        await Assertions.Expect(chat.Replies.Locator(".chat-facts")).ToContainTextAsync("tokens");
        await titles.Last.ClickAsync();
        await Assertions.Expect(chat.Page.Locator(".chat-asked .chat-text")).ToHaveTextAsync("The first question");

        // What was said before is sent again with the next question.
        await chat.AskAsync("And?");
        await chat.RepliedAsync(2);
        Assert.Equal(["The first question", ScriptedGenerator.Text, "And?"], server.Model.Conversations.Last().Select(message => message.Content));

        await chat.Button("Delete chat: The second question").ClickAsync();
        await Assertions.Expect(titles).ToHaveTextAsync(["The first question"]);
        await chat.Button("Clear all").ClickAsync();
        await chat.Button("Delete all").ClickAsync();
        await Assertions.Expect(titles).ToHaveCountAsync(0);
        Assert.Equal(0, await chat.Page.EvaluateAsync<int>("localStorage.length"));
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task What_the_browser_has_kept_in_another_form_is_passed_over()
    {
        await using var server = await RunningServer.StartAsync();
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.Page.AddInitScriptAsync(
            """
            localStorage.setItem('managedswarm.chat.1', '[{"id":"a","title":"old"},{"id":"b"},7]');
            localStorage.setItem('managedswarm.chat.1.a', '{"version":1,"conversation":{"id":"a","turns":[{"role":9}]}}');
            """);
        await window.GoAsync("/chat");

        await Assertions.Expect(window.Page.GetByText("What shall fake say?")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator(".chat-title")).ToHaveCountAsync(0);
        window.AssertClean();
    }

    [Fact]
    public async Task Nothing_that_a_model_says_runs_or_is_fetched()
    {
        const string Attack =
            """
            # Title <script>window.hit = 1</script>

            <img src="https://evil.example/a.png" onerror="window.hit = 1"> and ![remote](https://evil.example/b.png)
            <svg onload="window.hit = 1"></svg><iframe src="javascript:window.hit = 1"></iframe><style>body { display: none }</style>

            [click](javascript:window.hit=1) [ok](https://good.example/) <b onmouseover="window.hit = 1">bold</b>

            ```html" onclick="window.hit = 1
            </code></pre><script>window.hit = 1</script>
            ```

            | a | <img src=x onerror="window.hit = 1"> |
            |:-:|---|
            | 1 | 2 |
            """;
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = (_, _) => Say(Attack);
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await chat.RepliedAsync(1);

        Assert.Equal(0, await chat.Page.EvaluateAsync<int>(
            "document.querySelectorAll('.chat-markdown :is(script, img, iframe, style, b, object, embed, form, input, link, meta), .chat-markdown [style]').length"));
        Assert.Equal(["https://evil.example/b.png", "https://good.example/"], await chat.Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.chat-markdown a')].map(link => link.href)"));
        Assert.Equal(0, await chat.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('.chat-markdown *')].flatMap(one => [...one.attributes]).filter(one => one.name.startsWith('on')).length"));
        Assert.False(await chat.Page.EvaluateAsync<bool>("'hit' in window"));
        chat.Window.AssertClean();
    }

    [Fact]
    public async Task Code_and_replies_can_be_copied()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = (_, _) => Say("See:\n\n```c\nint a = 1 < 2;\nint b;\n```\n");
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await chat.RepliedAsync(1);

        await chat.Window.CopiesAsync(chat.Page.Locator(".code button"), "int a = 1 < 2;\nint b;");
        await chat.Window.CopiesAsync(chat.Page.Locator(".chat-reply .chat-actions button").First, "See:\n\n```c\nint a = 1 < 2;\nint b;\n```\n");
    }

    [Fact]
    public async Task An_error_of_the_API_is_shown_by_its_message_and_can_be_tried_again()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayThenThrow(new EngineException("stage_lost", "layers 2..3 were lost with w1"));
        await using var chat = await ChatWindow.OpenAsync(browser, server.Http.BaseAddress!);
        await chat.AskAsync("Hi");
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("layers 2..3 were lost with w1");

        server.Generator.Script = ScriptedGenerator.Say;
        await chat.Button("Try again").ClickAsync();
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        Assert.Equal(ScriptedGenerator.Text, (await chat.RepliedAsync(1)).Trim());
    }

    [Fact]
    public async Task Waits_for_a_model_that_is_being_loaded()
    {
        await using var server = await RunningServer.StartAsync(loaded: false);
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.GoAsync("/chat");
        await Assertions.Expect(window.Page.GetByText("The model is still being loaded")).ToBeVisibleAsync();

        server.FinishLoad();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeEnabledAsync();
        window.AssertClean();
    }

    [Fact]
    public async Task Who_has_signed_in_can_chat_where_keys_are_set()
    {
        await using var server = await RunningServer.StartAsync(configure: options => options with { ApiKeys = [new("secret-key")] });
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!);
        await window.Page.GotoAsync("/chat");
        await window.Page.GetByLabel("Key").FillAsync("secret-key");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.ConnectedAsync();

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Tell me a story about a brave snail." }).ClickAsync();

        await Assertions.Expect(window.Page.Locator(".chat-reply:not(.chat-running) .chat-text")).ToHaveTextAsync(ScriptedGenerator.Text);
        window.AssertClean();
    }

    [Fact]
    public async Task Without_scripts_it_says_so_and_shows_the_command_instead()
    {
        await using var server = await RunningServer.StartAsync();
        await using var window = await browser.OpenAsync(server.Http.BaseAddress!, options => options.JavaScriptEnabled = false);
        await window.Page.GotoAsync("/chat");

        await Assertions.Expect(window.Page.GetByText("The chat needs JavaScript")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator(".unscripted pre")).ToContainTextAsync($"curl {server.Http.BaseAddress}v1/chat/completions");
    }

    private static async IAsyncEnumerable<GenerationEvent> SayWithoutEnd(
        TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return new TextGenerated(0, "It went on", []);
            yield return new TextGenerated(0, " and on and on", []);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            ended.SetResult();
        }
    }

    private static async IAsyncEnumerable<GenerationEvent> Say(string text)
    {
        await Task.Yield();
        for (var i = 0; i < text.Length; i += 3)
        {
            yield return new TextGenerated(0, text.Substring(i, Math.Min(3, text.Length - i)), []);
        }

        yield return new ChoiceFinished(0, FinishReason.Stop, text.Length / 3);
    }
}
