namespace ManagedSwarm.Engine.Generation;

/// <summary>What a request must be like to be taken in.</summary>
internal sealed class RequestRules(GeneratorOptions options, int vocabularySize)
{
    private const string Prompt = "prompt";
    private const string Stop = "stop";

    /// <summary>Checks a request, and says how many tokens each choice may generate.</summary>
    /// <exception cref="EngineException">See <see cref="IGenerator.GenerateAsync"/>.</exception>
    public int Check(GenerationRequest request)
    {
        CheckPrompt(request.Prompt);
        CheckRange("n", request.Choices, 1, options.MaxSequences);
        CheckRange("max_tokens", request.MaxTokens ?? 1, 1, int.MaxValue);
        CheckRange("top_logprobs", request.TopLogProbs ?? 0, 0, vocabularySize);
        request.Sampling.Validate(vocabularySize);
        CheckBegun(request);
        foreach (var stop in request.Stop)
        {
            CheckStop(stop);
        }

        return RoomFor(request);
    }

    private void CheckPrompt(IReadOnlyList<int> prompt)
    {
        if (prompt.Count == 0)
        {
            throw new EngineException("empty_prompt", "the prompt has no tokens; expected is at least one") { Parameter = Prompt };
        }

        for (var i = 0; i < prompt.Count; i++)
        {
            if (prompt[i] < 0 || prompt[i] >= vocabularySize)
            {
                var message = $"token {i} of the prompt is {prompt[i]}; allowed are 0 to {vocabularySize - 1}";
                throw new EngineException("token_out_of_range", message) { Parameter = Prompt };
            }
        }
    }

    private void CheckBegun(GenerationRequest request)
    {
        if (request.Begun is not { } begun)
        {
            return;
        }

        CheckRange("n", request.Choices, 1, 1);
        CheckRange("text_length", begun.TextLength, 0, int.MaxValue);
        foreach (var token in begun.Tokens)
        {
            if (token < 0 || token >= vocabularySize)
            {
                throw new EngineException("token_out_of_range", $"a token of the reply is {token}; allowed are 0 to {vocabularySize - 1}");
            }
        }

        var room = RoomFor(request);
        if (begun.Tokens.Count > room)
        {
            throw new EngineException("invalid_value", $"{begun.Tokens.Count} tokens of the reply are there already; allowed are {room}");
        }
    }

    private static void CheckRange(string name, int found, int least, int most)
    {
        if (found < least || found > most)
        {
            throw new EngineException("invalid_value", $"{name} is {found}; allowed are {least} to {most}") { Parameter = name };
        }
    }

    /// <summary>An empty text would stop everything; half a surrogate pair could match half a character.</summary>
    private static void CheckStop(string stop)
    {
        if (stop.Length == 0)
        {
            throw new EngineException("invalid_value", "a stop text is empty; expected is at least one character") { Parameter = Stop };
        }

        for (var i = 0; i < stop.Length; i++)
        {
            if (char.IsSurrogate(stop[i]) && !(i + 1 < stop.Length && char.IsSurrogatePair(stop[i], stop[++i])))
            {
                throw new EngineException("invalid_value", $"a stop text is not valid Unicode: a lone surrogate at {i}") { Parameter = Stop };
            }
        }
    }

    /// <summary>
    /// More than the context is never cut short in silence: an explicit max_tokens that does not fit is an error (as OpenAI's is); without
    /// one, a reply may fill the context. Messages are OpenAI's.
    /// </summary>
    private int RoomFor(GenerationRequest request)
    {
        var (context, prompt) = (options.ContextLength, request.Prompt.Count);
        if (prompt >= context)
        {
            var why = prompt == context ? ", which leaves no room for a reply" : string.Empty;
            throw Exceeded($"However, your messages resulted in {prompt} tokens{why}. Please reduce the length of the messages.");
        }

        if (request.MaxTokens is { } asked && asked > context - prompt)
        {
            throw Exceeded(
                $"However, you requested {(long)prompt + asked} tokens ({prompt} in the messages, {asked} in the completion). "
                + "Please reduce the length of the messages or completion.");
        }

        return request.MaxTokens ?? context - prompt;
    }

    private EngineException Exceeded(string however) =>
        new("context_length_exceeded", $"This model's maximum context length is {options.ContextLength} tokens. {however}") { Parameter = Prompt };
}
