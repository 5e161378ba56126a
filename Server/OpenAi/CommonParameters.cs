using System.Globalization;
using System.Text.Json;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// The parameters that both endpoints share. Ranges are those of OpenAI's API description; <c>top_k</c>, <c>min_p</c>, <c>typical_p</c>,
/// <c>repeat_penalty</c>, <c>repeat_last_n</c> and <c>ignore_eos</c> are llama.cpp's.
/// </summary>
internal static class CommonParameters
{
    /// <summary>Replies per request, over all prompts (OpenAI's limit for <c>n</c>).</summary>
    public const int MaxChoices = 128;

    private const int MaxStopTexts = 4;

    /// <summary>Everything but the prompt and the log-probabilities, whose forms differ.</summary>
    public static GenerationRequest ReadGeneration(JsonParameters parameters, IServedModel model) => new()
    {
        Prompt = [],
        Sampling = ReadSampling(parameters, model.VocabularySize),
        MaxTokens = ReadMaxTokens(parameters),
        Stop = ReadStop(parameters),
        Choices = (int)(parameters.Integer("n", 1, MaxChoices) ?? 1),
        IgnoreEos = parameters.Boolean("ignore_eos") ?? false,
    };

    /// <summary><c>stream</c> and <c>stream_options</c>.</summary>
    public static (bool Stream, bool IncludeUsage) ReadStream(JsonParameters parameters)
    {
        var stream = parameters.Boolean("stream") ?? false;
        if (parameters.Object("stream_options") is not { } options)
        {
            return (stream, false);
        }

        if (!stream)
        {
            throw OpenAiErrors.Unsupported("stream_options", "allowed only with 'stream': true");
        }

        var includeUsage = options.Boolean("include_usage") ?? false;
        options.Tolerate("include_obfuscation", IsFalse, "only false is supported");
        options.End();
        return (stream, includeUsage);
    }

    /// <summary>Checks what can be known of a prompt before the engine sees it.</summary>
    public static int[] CheckPrompt(int[] tokens, string param, IServedModel model)
    {
        return tokens.Length == 0 ? throw OpenAiErrors.WrongValue(param, "at least one token", "an empty prompt")
            : tokens.Length < model.ContextLength ? tokens
            : throw OpenAiErrors.ContextLengthExceeded(param, $"{tokens.Length} tokens", model.ContextLength);
    }

    /// <summary>Refuses a text that cannot fit the context whatever its tokens are.</summary>
    public static void CheckPromptBytes(long bytes, string param, IServedModel model)
    {
        if (bytes > model.MaxPromptBytes)
        {
            throw OpenAiErrors.ContextLengthExceeded(param, $"{bytes} bytes, more than that many tokens can hold", model.ContextLength);
        }
    }

    public static bool IsFalse(JsonElement value) => value.ValueKind == JsonValueKind.False;

    private static SamplingOptions ReadSampling(JsonParameters parameters, int vocabularySize)
    {
        var defaults = new SamplingOptions();
        return defaults with
        {
            Temperature = (float)(parameters.Number("temperature", 0, 2) ?? defaults.Temperature),
            TopP = (float)(parameters.Number("top_p", 0, 1) ?? defaults.TopP),
            // -1 is how some clients write "all".
            TopK = (int)Math.Max(0, parameters.Integer("top_k", -1, int.MaxValue) ?? defaults.TopK),
            MinP = (float)(parameters.Number("min_p", 0, 1) ?? defaults.MinP),
            TypicalP = (float)(parameters.Number("typical_p", 0, 1) ?? defaults.TypicalP),
            RepeatPenalty = (float)(parameters.Number("repeat_penalty", 0.01, 100) ?? defaults.RepeatPenalty),
            RepeatWindow = (int)(parameters.Integer("repeat_last_n", 0, int.MaxValue) ?? defaults.RepeatWindow),
            PresencePenalty = (float)(parameters.Number("presence_penalty", -2, 2) ?? defaults.PresencePenalty),
            FrequencyPenalty = (float)(parameters.Number("frequency_penalty", -2, 2) ?? defaults.FrequencyPenalty),
            LogitBias = ReadLogitBias(parameters, vocabularySize) ?? defaults.LogitBias,
            Seed = unchecked((ulong)(parameters.Integer("seed", long.MinValue, long.MaxValue) ?? Random.Shared.NextInt64())),
        };
    }

    private static int? ReadMaxTokens(JsonParameters parameters)
    {
        var old = (int?)parameters.Integer("max_tokens", 1, int.MaxValue);
        var current = (int?)parameters.Integer("max_completion_tokens", 1, int.MaxValue);
        return old is not null && current is not null && old != current
            ? throw OpenAiErrors.WrongValue("max_tokens", $"the same as 'max_completion_tokens' ({current})", $"the number {old}")
            : current ?? old;
    }

    private static string[] ReadStop(JsonParameters parameters)
    {
        const string Expected = "a string or an array of at most 4 strings, none of them empty";
        if (parameters.Any("stop") is not { } value)
        {
            return [];
        }

        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            throw OpenAiErrors.WrongType("stop", Expected, Describe.Found(value));
        }

        string[] texts = value.ValueKind == JsonValueKind.String
            ? [JsonParameters.ReadText(value, "stop")]
            : [.. value.EnumerateArray().Select((text, i) => JsonParameters.ReadText(text, $"stop[{i}]"))];
        return texts.Length > MaxStopTexts ? throw OpenAiErrors.WrongValue("stop", Expected, Describe.Found(value))
            : texts.Contains("") ? throw OpenAiErrors.WrongValue("stop", Expected, "an empty string")
            : texts;
    }

    private static Dictionary<int, float>? ReadLogitBias(JsonParameters parameters, int vocabularySize)
    {
        if (parameters.Object("logit_bias") is null || parameters.Any("logit_bias") is not { } map)
        {
            return null;
        }

        var biases = new Dictionary<int, float>();
        foreach (var entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token) || token >= vocabularySize)
            {
                throw OpenAiErrors.WrongValue(
                    "logit_bias", $"token ids from 0 to {vocabularySize - 1}", $"'{Describe.Shorten(entry.Name)}'");
            }

            var isNumber = entry.Value.ValueKind == JsonValueKind.Number;
            if (!isNumber || !entry.Value.TryGetSingle(out var bias) || bias is not (>= -100 and <= 100))
            {
                throw OpenAiErrors.WrongValue("logit_bias", "biases from -100 to 100", $"{Describe.Found(entry.Value)} for token {token}");
            }

            biases[token] = bias;
        }

        return biases;
    }
}
