using ManagedSwarm.Engine.Sampling;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Engine.Generation;

/// <summary>One choice of a request: turns logits into tokens, and tokens into events, until it is over.</summary>
internal sealed class Reply
{
    private readonly GenerationRequest _request;
    private readonly Tokenizer _tokenizer;
    private readonly Sampler _sampler;
    private readonly ReplyText _text;
    private readonly int _choice;
    private readonly int _maxTokens;

    /// <param name="request">Validated.</param>
    /// <param name="choice">Which choice, from 0.</param>
    /// <param name="maxTokens">After how many tokens it is over.</param>
    /// <param name="tokenizer">For the tokens' bytes.</param>
    public Reply(GenerationRequest request, int choice, int maxTokens, Tokenizer tokenizer)
    {
        _request = request;
        _tokenizer = tokenizer;
        _sampler = new Sampler(request.Sampling, request.Prompt, choice);
        _text = new ReplyText(choice, request.Stop);
        _choice = choice;
        _maxTokens = maxTokens;
        if (request.Begun is { } begun)
        {
            GoOnWith(begun);
        }
    }

    /// <summary>Tokens generated so far; an end-of-generation token counts, though it has no text and is not reported.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Whether its last event was given out.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Chooses the next token, and hands what can be said to <paramref name="emit"/>.</summary>
    /// <param name="logits">(vocabularySize)</param>
    /// <param name="workspace">Scratch; overwritten.</param>
    /// <param name="emit">Takes events.</param>
    public int Next(ReadOnlySpan<float> logits, SamplingWorkspace workspace, Action<GenerationEvent> emit)
    {
        var token = _sampler.Next(logits, workspace);
        TokenCount++;
        var isEnd = !_request.IgnoreEos && _tokenizer.EndOfGenerationTokens.Contains(token);
        if (!isEnd)
        {
            Emit(_text.Append(Describe(token, logits, workspace)), emit);
        }

        if (isEnd || _text.IsStopped || TokenCount == _maxTokens)
        {
            End(isEnd || _text.IsStopped, emit);
        }

        return token;
    }

    /// <summary>What there was may be all: then only its end is missing.</summary>
    /// <returns>Whether it was.</returns>
    public bool TryEnd(Action<GenerationEvent> emit)
    {
        if (_text.IsStopped || TokenCount == _maxTokens)
        {
            End(isStop: _text.IsStopped, emit);
        }

        return IsOver;
    }

    private void GoOnWith(BegunReply begun)
    {
        foreach (var token in begun.Tokens)
        {
            _sampler.Accept(token);
            _text.Skip(new GeneratedToken(token, _tokenizer.GetBytes(token), float.NaN, []));
        }

        _text.Said(begun.TextLength);
        TokenCount = begun.Tokens.Count;
    }

    private void End(bool isStop, Action<GenerationEvent> emit)
    {
        Emit(_text.Finish(), emit);
        emit(new ChoiceFinished(_choice, isStop ? FinishReason.Stop : FinishReason.Length, TokenCount));
        IsOver = true;
    }

    private static void Emit(TextGenerated? text, Action<GenerationEvent> emit)
    {
        if (text is not null)
        {
            emit(text);
        }
    }

    private GeneratedToken Describe(int token, ReadOnlySpan<float> logits, SamplingWorkspace workspace)
    {
        if (_request.TopLogProbs is not { } count)
        {
            return new GeneratedToken(token, _tokenizer.GetBytes(token), float.NaN, []);
        }

        var total = LogProbs.LogSumExp(logits);
        var likeliest = LogProbs.Likeliest(logits, count, workspace.Candidates);
        var top = new TokenLogProb[count];
        for (var i = 0; i < count; i++)
        {
            top[i] = new TokenLogProb(likeliest[i], _tokenizer.GetBytes(likeliest[i]), (float)(logits[likeliest[i]] - total));
        }

        return new GeneratedToken(token, _tokenizer.GetBytes(token), (float)(logits[token] - total), top);
    }
}
