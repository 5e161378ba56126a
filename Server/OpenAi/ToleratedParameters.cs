using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// The parameters that OpenAI or LocalAI know and this server does not act on. Each is accepted where its value asks for nothing
/// (identifiers, caching hints, defaults spelt out) and refused by its name where it asks for something: never ignored.
/// </summary>
internal static class ToleratedParameters
{
    private sealed record Rule(string Name, Func<JsonElement, bool> IsHarmless, string Allowed);

    private const string NoTools = "tools are not supported";
    private const string NoAudio = "only text is supported";

    private static readonly Rule[] Both =
    [
        new("user", IsString, "expected a string"),
        new("grammar", IsEmptyString, "grammars are not supported"),
        new("tfz", IsNumber(1), "tail-free sampling is not supported; only 1 (off)"),
        new("n_keep", IsNumber(0), "the context is never shifted; only 0"),
        new("negative_prompt", IsEmptyString, "not supported"),
        new("language", IsEmptyString, "not supported"),
        new("backend", IsEmptyString, "not supported"),
    ];

    private static readonly Rule[] Chat =
    [
        .. Both,
        new("metadata", IsObject, "expected an object"),
        new("store", CommonParameters.IsFalse, "replies are not stored; only false"),
        new("service_tier", IsOneOf("auto", "default"), "only 'auto' or 'default'"),
        new("safety_identifier", IsString, "expected a string"),
        new("prompt_cache_key", IsString, "expected a string"),
        new("prompt_cache_retention", IsString, "expected a string"),
        new("prompt_cache_options", IsObject, "expected an object"),
        new("tools", IsEmptyArray, NoTools),
        new("tool_choice", IsOneOf("none", "auto"), NoTools + "; only 'none' or 'auto'"),
        new("parallel_tool_calls", IsBoolean, "expected true or false"),
        new("functions", IsEmptyArray, NoTools),
        new("function_call", IsOneOf("none", "auto"), NoTools + "; only 'none' or 'auto'"),
        new("response_format", IsTextFormat, "only {\"type\": \"text\"} is supported"),
        new("modalities", IsTextOnly, NoAudio + ": [\"text\"]"),
        new("audio", Never, NoAudio),
        new("prediction", Never, "predicted outputs are not supported"),
        new("reasoning_effort", IsOneOf("none"), "only 'none' is supported"),
        new("verbosity", IsOneOf("medium"), "only 'medium' is supported"),
        new("web_search_options", Never, "web search is not supported"),
        new("moderation", Never, "moderation is not supported"),
        new("grammar_json_functions", Never, NoTools),
    ];

    private static readonly Rule[] Completion =
    [
        .. Both,
        new("suffix", IsEmptyString, "inserting text is not supported"),
    ];

    public static void ReadChat(JsonParameters parameters) => Read(parameters, Chat);

    public static void ReadCompletion(JsonParameters parameters) => Read(parameters, Completion);

    private static void Read(JsonParameters parameters, Rule[] rules)
    {
        foreach (var rule in rules)
        {
            parameters.Tolerate(rule.Name, rule.IsHarmless, rule.Allowed);
        }
    }

    private static bool Never(JsonElement value) => false;

    private static bool IsString(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static bool IsEmptyString(JsonElement value) => IsString(value) && value.ValueEquals("");

    private static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object;

    private static bool IsBoolean(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private static bool IsEmptyArray(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static bool IsTextOnly(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 && IsString(value[0]) && value[0].ValueEquals("text");

    private static bool IsTextFormat(JsonElement value) =>
        IsObject(value) && value.TryGetProperty("type", out var type) && IsString(type) && type.ValueEquals("text");

    private static Func<JsonElement, bool> IsNumber(double number) =>
        value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var found) && found == number;

    private static Func<JsonElement, bool> IsOneOf(params string[] texts) =>
        value => IsString(value) && texts.Any(text => value.ValueEquals(text));
}
