using System.Text.Json.Nodes;

namespace ManagedSwarm.Engine.Templates;

/// <summary>
/// Turns a request's messages into a prompt with a model's template.
/// <para>
/// Content that is a list of parts (<c>[{"type":"text","text":…}]</c>) goes to the template as it is if the template can take it; else its texts
/// are joined, a line each. Content that is a text is made a list for the few templates that take nothing else. Which is which is found out
/// once, by rendering a message of either form and looking whether its text comes out, and not in quotes (as Python prints a list).
/// </para>
/// </summary>
public sealed class ChatPrompt
{
    private const string Probe = "4f1b9c";
    private readonly ChatTemplate _template;
    private readonly string? _bosToken;
    private readonly string? _eosToken;
    private readonly TimeProvider? _time;
    private readonly bool _omitsNone;
    private readonly bool _takesText;
    private readonly bool _takesParts;

    /// <param name="bosToken">The text of <c>bos_token</c>; null: the template finds it undefined, and prints nothing.</param>
    /// <param name="eosToken">Likewise <c>eos_token</c>.</param>
    /// <param name="time">The clock of <c>strftime_now</c>; the system's by default.</param>
    public ChatPrompt(ChatTemplate template, string? bosToken, string? eosToken, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        (_template, _bosToken, _eosToken, _time) = (template, bosToken, eosToken, time);
        (bool Text, bool Parts) nothing = default;
        var (withNone, withoutNone) = (TryContents(omitsNone: false), TryContents(omitsNone: true));
        _omitsNone = withNone == nothing && withoutNone != nothing;
        (_takesText, _takesParts) = _omitsNone ? withoutNone : withNone;
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The request's messages, as OpenAI's API has them; they are not changed.</param>
    /// <param name="tools">The request's tools; null or empty: none.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends with the beginning of an answer.</param>
    /// <param name="guard">
    /// Is applied to what users and tools wrote, so that it cannot become control tokens: the texts of all contents, and all other strings and
    /// names in messages and tools that are more than a bare word (<c>user</c>, <c>call_1</c>), which templates may compare.
    /// </param>
    /// <returns>The prompt; it has its BOS token in it if the template writes one.</returns>
    /// <exception cref="EngineException">
    /// <c>chat_template</c>: the template refuses the conversation, or fails; <c>invalid_value</c>: a message is not an object, or has a
    /// content that the template cannot take.
    /// </exception>
    public string Render(JsonArray messages, JsonArray? tools = null, bool addGenerationPrompt = true, Func<string, string>? guard = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        try
        {
            var guardText = guard ?? (text => text);
            var prepared = new JsonArray([.. messages.Select((message, at) => Prepare(message, at, guardText))]);
            var preparedTools = tools is { Count: > 0 } ? (JsonArray)Copy(tools, guardText)! : null;
            return _template.Render(Context(prepared, preparedTools, addGenerationPrompt, _omitsNone), _time);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // JSON is read lazily: a name that is there twice, or half a surrogate pair, only shows now.
            throw new EngineException("invalid_value", $"messages or tools are not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>
    /// What transformers passes to a template: tools and documents are None where there are none, and undefined for a template that
    /// stumbles over None.
    /// </summary>
    private JsonObject Context(JsonArray messages, JsonArray? tools, bool addGenerationPrompt, bool omitsNone)
    {
        var context = new JsonObject { ["messages"] = messages, ["add_generation_prompt"] = addGenerationPrompt };
        (string Name, JsonNode? Value, bool IsOptional)[] others =
        [
            ("tools", tools, omitsNone), ("documents", null, omitsNone), ("bos_token", _bosToken, true), ("eos_token", _eosToken, true),
        ];
        foreach (var (name, value, isOptional) in others)
        {
            if (value is not null || !isOptional)
            {
                context[name] = value;
            }
        }

        return context;
    }

    /// <summary>Which forms of content come out.</summary>
    private (bool Text, bool Parts) TryContents(bool omitsNone) =>
        (Survives(JsonValue.Create(Probe), omitsNone), Survives(TextParts(Probe), omitsNone));

    private bool Survives(JsonNode content, bool omitsNone)
    {
        try
        {
            var message = new JsonObject { ["role"] = "user", ["content"] = content };
            var text = _template.Render(Context([message], tools: null, addGenerationPrompt: true, omitsNone), _time);
            return text.Contains(Probe, StringComparison.Ordinal)
                && !text.Contains($"'{Probe}'", StringComparison.Ordinal)
                && !text.Contains($"\"{Probe}\"", StringComparison.Ordinal);
        }
        catch (EngineException)
        {
            return false;
        }
    }

    private static JsonArray TextParts(string text) => [new JsonObject { ["type"] = "text", ["text"] = text }];

    private JsonObject Prepare(JsonNode? message, int at, Func<string, string> guard)
    {
        if (message is not JsonObject members)
        {
            throw new EngineException("invalid_value", $"messages[{at}] is {Kind(message)}; allowed: an object");
        }

        var prepared = new JsonObject();
        foreach (var (name, value) in members)
        {
            prepared[GuardName(name, guard)] = name == "content" ? PrepareContent(value, at, guard) : Copy(value, guard);
        }

        return prepared;
    }

    private JsonNode? PrepareContent(JsonNode? content, int at, Func<string, string> guard)
    {
        if (content is JsonArray parts && !_takesParts)
        {
            // Guarded when joined: a control token's text could be spread over two parts.
            return guard(string.Join('\n', parts.Select((part, number) => PartText(part, at, number))));
        }

        if (Text(content) is string text)
        {
            return _takesParts && !_takesText ? TextParts(guard(text)) : guard(text);
        }

        return Copy(content, guard, isContent: true);
    }

    private static string PartText(JsonNode? part, int message, int number) => part is JsonObject members && Text(members["text"]) is string text
        ? text
        : throw new EngineException("invalid_value",
            $"messages[{message}].content[{number}] is {Kind((part as JsonObject)?["type"] ?? part)}; allowed with this model: parts of type \"text\"");

    /// <param name="isContent">Whether the strings called <c>text</c> are guarded even where they are bare words.</param>
    private static JsonNode? Copy(JsonNode? node, Func<string, string> guard, bool isContent = false)
    {
        switch (node)
        {
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Copy(item, guard, isContent))]);
            case JsonObject members:
                var copy = new JsonObject();
                foreach (var (name, value) in members)
                {
                    copy[GuardName(name, guard)] = isContent && name == "text" && Text(value) is string text ? guard(text) : Copy(value, guard, isContent);
                }

                return copy;
            default:
                return Text(node) is string other ? GuardName(other, guard) : node?.DeepClone();
        }
    }

    private static string GuardName(string text, Func<string, string> guard) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? text : guard(text);

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Kind(JsonNode? node) => node switch
    {
        null => "null",
        JsonValue when node.ToJsonString() is { Length: <= 40 } json => json,
        _ => $"of kind {node.GetValueKind()}",
    };
}
