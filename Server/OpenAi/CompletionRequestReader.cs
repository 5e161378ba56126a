using System.Text;
using System.Text.Json;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Reads OpenAI's CreateCompletionRequest.</summary>
internal static class CompletionRequestReader
{
    private const int DefaultMaxTokens = 16;
    private const int MaxLogProbs = 5;
    private const string Expected = "a string, an array of strings, an array of tokens or an array of token arrays";

    private sealed record Prompt(int[] Tokens, string? Text)
    {
        /// <summary>The prompt as text, to be sent back where a client asks for an echo.</summary>
        public string ToText(IServedModel model) =>
            Text ?? Encoding.UTF8.GetString([.. Tokens.SelectMany(token => model.GetBytes(token).ToArray())]);
    }

    /// <param name="parameters">The request; its <c>model</c> is read already.</param>
    /// <param name="model">The model that it named.</param>
    /// <returns>The request, and what the text of each choice begins with: its prompt where an echo is wanted, else nothing.</returns>
    /// <exception cref="ApiException">Something is missing, wrong, unsupported or unknown; says what.</exception>
    public static (ReplyRequest Request, IReadOnlyList<string> Echoes) Read(JsonParameters parameters, IServedModel model)
    {
        var prompt = parameters.RequiredAny("prompt", Expected);
        var generation = CommonParameters.ReadGeneration(parameters, model);
        generation = generation with
        {
            MaxTokens = generation.MaxTokens ?? DefaultMaxTokens,
            TopLogProbs = (int?)parameters.Integer("logprobs", 0, MaxLogProbs),
        };
        var echo = ReadEcho(parameters, generation);
        var (stream, includeUsage) = CommonParameters.ReadStream(parameters);
        parameters.Tolerate("best_of", value => IsSame(value, generation.Choices), "only the value of 'n' is supported");
        ToleratedParameters.ReadCompletion(parameters);
        parameters.End();

        var prompts = ReadPrompts(prompt, generation.Choices, model);
        var request = new ReplyRequest
        {
            Prompts = [.. prompts.Select(one => generation with { Prompt = one.Tokens })],
            Stream = stream,
            IncludeUsage = includeUsage,
        };
        return (request, [.. prompts.SelectMany(one => Enumerable.Repeat(echo ? one.ToText(model) : "", generation.Choices))]);
    }

    private static bool ReadEcho(JsonParameters parameters, GenerationRequest generation)
    {
        var echo = parameters.Boolean("echo") ?? false;
        return echo && generation.TopLogProbs is not null
            ? throw OpenAiErrors.Unsupported("echo", "log-probabilities of the prompt are not supported; leave out 'echo' or 'logprobs'")
            : echo;
    }

    private static List<Prompt> ReadPrompts(JsonElement prompt, int choices, IServedModel model)
    {
        if (prompt.ValueKind == JsonValueKind.String || IsTokens(prompt))
        {
            return [ReadPrompt(prompt, "prompt", model)];
        }

        if (prompt.ValueKind != JsonValueKind.Array)
        {
            throw OpenAiErrors.WrongType("prompt", Expected, Describe.Found(prompt));
        }

        var maxPrompts = CommonParameters.MaxChoices / choices;
        return prompt.GetArrayLength() > maxPrompts || prompt.GetArrayLength() == 0
            ? throw OpenAiErrors.WrongValue("prompt", $"1 to {maxPrompts} prompts with 'n' = {choices}", Describe.Found(prompt))
            : [.. prompt.EnumerateArray().Select((one, i) => ReadPrompt(one, $"prompt[{i}]", model))];
    }

    private static Prompt ReadPrompt(JsonElement prompt, string path, IServedModel model)
    {
        if (prompt.ValueKind == JsonValueKind.String)
        {
            var text = JsonParameters.ReadText(prompt, path);
            CommonParameters.CheckPromptBytes(Encoding.UTF8.GetByteCount(text), path, model);
            return new(CommonParameters.CheckPrompt(model.EncodeText(text), path, model), text);
        }

        if (prompt.ValueKind != JsonValueKind.Array)
        {
            throw OpenAiErrors.WrongType(path, Expected, Describe.Found(prompt));
        }

        if (prompt.GetArrayLength() >= model.ContextLength)
        {
            throw OpenAiErrors.ContextLengthExceeded(path, $"{prompt.GetArrayLength()} tokens", model.ContextLength);
        }

        int[] tokens = [.. prompt.EnumerateArray().Select(token => ReadToken(token, path, model))];
        return new(CommonParameters.CheckPrompt(tokens, path, model), null);
    }

    private static int ReadToken(JsonElement token, string path, IServedModel model)
    {
        if (token.ValueKind == JsonValueKind.Number && token.TryGetInt32(out var id) && id >= 0 && id < model.VocabularySize)
        {
            return id;
        }

        var expected = $"a token from 0 to {model.VocabularySize - 1}";
        throw token.ValueKind == JsonValueKind.Number
            ? OpenAiErrors.WrongValue(path, expected, Describe.Found(token))
            : OpenAiErrors.WrongType(path, expected, Describe.Found(token));
    }

    private static bool IsTokens(JsonElement prompt) =>
        prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind == JsonValueKind.Number;

    private static bool IsSame(JsonElement value, int number) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var found) && found == number;
}
