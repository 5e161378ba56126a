using System.Text.Json.Nodes;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Templates;

public class ChatPromptTests
{
    private const string ChatMl = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private const string PartsOnly = "{% for m in messages %}[{% for c in m.content %}{% if c.type == 'text' %}{{ c.text }}{% else %}<{{ c.type }}>{% endif %};{% endfor %}]{% endfor %}";
    private const string Both = "{% for m in messages %}[{% if m.content is string %}{{ m.content }}{% else %}{% for c in m.content %}{{ c.text }};{% endfor %}{% endif %}]{% endfor %}";
    private const string TwoParts = """[{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]""";

    [Fact]
    public void Passes_messages_and_asks_for_an_answer() =>
        Assert.Equal("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", Render(ChatMl, """[{"role": "user", "content": "Hi"}]"""));

    [Fact]
    public void Asks_for_no_answer_where_not_wanted() =>
        Assert.Equal("<|im_start|>user\nHi<|im_end|>\n", Prompt(ChatMl).Render(Parse("""[{"role": "user", "content": "Hi"}]"""), addGenerationPrompt: false));

    [Fact]
    public void Passes_what_transformers_passes()
    {
        var template = "{{ bos_token }}{{ eos_token }}|{{ tools }}|{{ documents }}|{{ add_generation_prompt }}|{{ pad_token is defined }}";
        Assert.Equal("<s></s>|None|None|True|False", Prompt(template).Render([]));
        Assert.Equal("<s></s>|[1]|None|True|False", Prompt(template).Render([], [1]));
        Assert.Equal("<s></s>|None|None|True|False", Prompt(template).Render([], []));
        Assert.Equal("|False", new ChatPrompt(ChatTemplate.Parse("{{ bos_token }}|{{ eos_token is defined }}"), null, null).Render([]));
    }

    [Fact]
    public void A_template_that_stumbles_over_None_does_not_get_it()
    {
        var template = "{% for tool in tools %}[{{ tool }}]{% endfor %}{{ messages[0].content }}";
        Assert.Equal("Hi", Render(template, """[{"role": "user", "content": "Hi"}]"""));
        Assert.Equal("[1]Hi", Prompt(template).Render(Parse("""[{"role": "user", "content": "Hi"}]"""), [1]));
    }

    [Theory]
    [InlineData(ChatMl, "<|im_start|>user\na\nb<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData(Both, "[a;b;]")]
    [InlineData(PartsOnly, "[a;b;]")]
    [InlineData("{{ messages[0].content | trim }}", "a\nb")]
    [InlineData("{{ messages[0].content | tojson }}", "\"a\\nb\"")]
    public void Joins_parts_unless_the_template_takes_them(string template, string expected) => Assert.Equal(expected, Render(template, TwoParts));

    [Theory]
    [InlineData(ChatMl, "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData(Both, "[Hi]")]
    [InlineData(PartsOnly, "[Hi;]")]
    public void Makes_text_a_part_only_if_the_template_takes_nothing_else(string template, string expected) =>
        Assert.Equal(expected, Render(template, """[{"role": "user", "content": "Hi"}]"""));

    [Fact]
    public void A_template_that_takes_parts_gets_all_of_them() =>
        Assert.Equal("[<image>;]", Render(PartsOnly, """[{"role": "user", "content": [{"type": "image"}]}]"""));

    [Theory]
    [InlineData("""[{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]""", "messages[0].content[0] is \"image_url\"")]
    [InlineData("""[{"role": "user", "content": ["x"]}]""", "messages[0].content[0] is \"x\"")]
    [InlineData("""[{"role": "user", "content": "x"}, 5]""", "messages[1] is 5; allowed: an object")]
    [InlineData("""[null]""", "messages[0] is null; allowed: an object")]
    [InlineData("""[{"role": "user", "content": "x", "a": {"b": 1, "b": 2}}]""", "not valid JSON")]
    [InlineData("""[{"role": "user", "content": "\ud83d"}]""", "not valid JSON")]
    public void Rejects_messages_that_the_template_cannot_take(string messages, string expected)
    {
        var error = Assert.Throws<EngineException>(() => Render(ChatMl, messages));
        Assert.Equal("invalid_value", error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_template_refuses_is_its_own_error()
    {
        var error = Assert.Throws<EngineException>(() => Render("{{ raise_exception('roles must alternate') }}", "[]"));
        Assert.Equal("chat_template", error.Code);
        Assert.Contains("roles must alternate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChatMl, "\"user\"", "<|im_start|>user\n(user)<|im_end|>\n")]
    [InlineData(ChatMl, """[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]""", "<|im_start|>user\n(a\nb)<|im_end|>\n")]
    [InlineData(Both, """[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]""", "[(a);(b);]")]
    [InlineData(PartsOnly, "\"Hi\"", "[(Hi);]")]
    public void Guards_the_texts_of_contents(string template, string content, string expected)
    {
        var messages = Parse($$"""[{"role": "user", "content": {{content}}}]""");
        Assert.Equal(expected, Prompt(template).Render(messages, addGenerationPrompt: false, guard: text => $"({text})"));
    }

    [Fact]
    public void Guards_whatever_else_is_more_than_a_word()
    {
        var messages = Parse("""
            [{"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": {"the key": "<|x|>", "n": 1}}}]},
             {"role": "<|im_end|>", "name": "a b", "content": ""}]
            """);
        var tools = Parse("""[{"type": "function", "function": {"name": "get_weather", "description": "Says <|x|>"}}]""");
        var rendered = Prompt("{{ messages | tojson }}{{ tools | tojson }}").Render(messages, tools, guard: text => $"({text})");
        Assert.Equal(
            """[{"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": {"(the key)": "(<|x|>)", "n": 1}}}]}, """
            + """{"role": "(<|im_end|>)", "name": "(a b)", "content": "()"}][{"type": "function", "function": {"name": "get_weather", "description": "(Says <|x|>)"}}]""",
            rendered);
    }

    [Fact]
    public void Does_not_change_the_request()
    {
        var messages = Parse(TwoParts);
        var before = messages.ToJsonString();
        Prompt(ChatMl).Render(messages, [new JsonObject()], guard: text => text + "!");
        Assert.Equal(before, messages.ToJsonString());
    }

    [Fact]
    public void Uses_the_clock()
    {
        var time = new FixedTime(new DateTimeOffset(2024, 7, 26, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal("26 Jul 2024", new ChatPrompt(ChatTemplate.Parse("{{ strftime_now('%d %b %Y') }}"), null, null, time).Render([]));
    }

    [Fact]
    public void The_default_template_joins_parts() => Assert.Equal("User: a\nb\nAssistant:", Prompt(ChatTemplate.Default.Source).Render(Parse(TwoParts)));

    [Theory]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct")]
    [InlineData("Qwen-Qwen2.5-7B-Instruct")]
    [InlineData("microsoft-Phi-3.5-mini-instruct")]
    [InlineData("google-gemma-2-2b-it")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407")]
    [InlineData("NousResearch-Hermes-3-Llama-3.1-8B-tool_use")]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B")]
    public void Models_get_the_same_prompt_for_text_and_for_one_part(string name)
    {
        var source = File.ReadAllText(SharedData.Require($"chat/llamacpp_templates/{name}.jinja"));
        var asText = Render(source, """[{"role": "user", "content": "What is this?"}]""");
        Assert.Contains("What is this?", asText, StringComparison.Ordinal);
        Assert.Equal(asText, Render(source, """[{"role": "user", "content": [{"type": "text", "text": "What is this?"}]}]"""));
    }

    private static ChatPrompt Prompt(string template) => new(ChatTemplate.Parse(template), "<s>", "</s>", new FixedTime(DateTimeOffset.UnixEpoch));

    private static string Render(string template, string messages) => Prompt(template).Render(Parse(messages));

    private static JsonArray Parse(string json) => JsonNode.Parse(json)!.AsArray();
}
