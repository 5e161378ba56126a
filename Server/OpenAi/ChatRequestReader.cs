using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Reads OpenAI's CreateChatCompletionRequest.</summary>
internal static class ChatRequestReader
{
    private const int MaxTopLogProbs = 20;
    private const string Roles = "'system', 'developer', 'user' or 'assistant'";

    // What clients send back with a reply that they got.
    private static readonly string[] EchoedFields =
        ["refusal", "tool_calls", "function_call", "audio", "annotations", "tool_call_id", "reasoning_content", "reasoning"];

    /// <param name="parameters">The request; its <c>model</c> is read already.</param>
    /// <param name="model">The model that it named.</param>
    /// <exception cref="ApiException">Something is missing, wrong, unsupported or unknown; says what.</exception>
    public static ReplyRequest Read(JsonParameters parameters, IServedModel model)
    {
        var messages = ReadMessages(parameters);
        var generation = CommonParameters.ReadGeneration(parameters, model) with { TopLogProbs = ReadLogProbs(parameters) };
        var (stream, includeUsage) = CommonParameters.ReadStream(parameters);
        ToleratedParameters.ReadChat(parameters);
        parameters.End();

        CommonParameters.CheckPromptBytes(messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Content)), "messages", model);
        var prompt = CommonParameters.CheckPrompt(model.EncodeChat(messages), "messages", model);
        return new() { Prompts = [generation with { Prompt = prompt }], Stream = stream, IncludeUsage = includeUsage };
    }

    private static int? ReadLogProbs(JsonParameters parameters)
    {
        var wanted = parameters.Boolean("logprobs") ?? false;
        var top = (int?)parameters.Integer("top_logprobs", 0, MaxTopLogProbs);
        return wanted ? top ?? 0
            : top is null ? null
            : throw OpenAiErrors.Unsupported("top_logprobs", "allowed only with 'logprobs': true");
    }

    private static List<ChatMessage> ReadMessages(JsonParameters parameters)
    {
        const string Expected = "an array of at least one message";
        var array = parameters.Array("messages") ?? throw OpenAiErrors.Missing("messages", Expected);
        return array.GetArrayLength() == 0
            ? throw OpenAiErrors.WrongValue("messages", Expected, "an empty array")
            : [.. array.EnumerateArray().Select((message, i) => ReadMessage(new JsonParameters(message, $"messages[{i}]")))];
    }

    private static ChatMessage ReadMessage(JsonParameters message)
    {
        var role = message.Text("role") ?? throw OpenAiErrors.Missing(message.PathOf("role"), Roles);
        // 'developer' is OpenAI's newer word for the system prompt; chat templates know the older one.
        role = role switch
        {
            "system" or "user" or "assistant" => role,
            "developer" => "system",
            "tool" or "function" => throw OpenAiErrors.Unsupported(message.PathOf("role"), $"tools are not supported; expected {Roles}"),
            _ => throw OpenAiErrors.WrongValue(message.PathOf("role"), Roles, $"'{Describe.Shorten(role)}'"),
        };
        var content = ReadContent(message.RequiredAny("content", "a string or an array of text parts"), message.PathOf("content"));
        var name = message.Text("name");
        foreach (var field in EchoedFields)
        {
            message.Tolerate(field, IsEmpty, "only null or empty is supported");
        }

        message.End();
        return new(role, content, name);
    }

    private static string ReadContent(JsonElement content, string path) => content.ValueKind switch
    {
        JsonValueKind.String => JsonParameters.ReadText(content, path),
        // Parts are joined by a line break, as llama.cpp does for templates that take a string.
        JsonValueKind.Array => string.Join(
            '\n', content.EnumerateArray().Select((part, i) => ReadPart(new JsonParameters(part, $"{path}[{i}]")))),
        _ => throw OpenAiErrors.WrongType(path, "a string or an array of text parts", Describe.Found(content)),
    };

    private static string ReadPart(JsonParameters part)
    {
        var type = part.Text("type") ?? throw OpenAiErrors.Missing(part.PathOf("type"), "'text'");
        if (type != "text")
        {
            throw OpenAiErrors.Unsupported(part.PathOf("type"), $"only 'text' is supported, found '{Describe.Shorten(type)}'");
        }

        var text = part.Text("text") ?? throw OpenAiErrors.Missing(part.PathOf("text"), "a string");
        part.End();
        return text;
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
