using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Adds up the tokens of an answer (openapi.yaml: CompletionUsage).</summary>
internal sealed class UsageCounter
{
    private readonly int _promptTokens;
    private readonly bool[] _isFirstOfPrompt;
    private int _completionTokens;
    private int _cachedTokens;

    public UsageCounter(ReplyRequest request)
    {
        _promptTokens = request.PromptTokenCount;
        _isFirstOfPrompt = [.. request.Prompts.SelectMany(prompt => Enumerable.Range(0, prompt.Choices).Select(choice => choice == 0))];
    }

    /// <summary>What has been added; of a prompt's tokens, those count as cached that an earlier request had computed.</summary>
    public Usage Total => new(_promptTokens, _completionTokens, _promptTokens + _completionTokens, new(_cachedTokens, 0));

    /// <summary>Takes a choice, counted over all prompts. A prompt counts once, however many choices it has.</summary>
    public void Add(ChoiceFinished finished)
    {
        _completionTokens += finished.TokenCount;
        _cachedTokens += _isFirstOfPrompt[finished.Choice] ? finished.CachedTokens : 0;
    }
}
