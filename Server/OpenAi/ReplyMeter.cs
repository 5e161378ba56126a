using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Measures a reply, where it is one alone.</summary>
/// <param name="request">Which.</param>
/// <param name="generator">Who makes it.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplyMeter(ReplyRequest request, IGenerator generator, TimeProvider time)
{
    /// <summary>Tokens behind the first one, at least: fewer are chance.</summary>
    public const int MinTokens = 16;

    private readonly long _start = time.GetTimestamp();
    private bool _isAlone = request.ChoiceCount == 1;
    private bool _isOver;
    private int _cachedTokens;
    private int _firstTokens;
    private int _tokens;
    private TimeSpan _first;
    private TimeSpan _last;

    /// <summary>What was measured; null: nothing that is worth it.</summary>
    public ReplyMeasurement? Result => _isAlone && _isOver && _tokens - _firstTokens >= MinTokens
        ? new(request.PromptTokenCount, _cachedTokens == 0 ? _first : null, (_last - _first) / (_tokens - _firstTokens))
        : null;

    /// <summary>Something has happened to the reply.</summary>
    public void Heard(GenerationEvent happened)
    {
        if (!_isAlone)
        {
            return;
        }

        // Where another one runs beside it, both are slower.
        _isAlone = generator.Load is { Active: <= 1, Waiting: 0 };
        if (happened is TextGenerated { Tokens.Count: > 0 and var count })
        {
            _last = time.GetElapsedTime(_start);
            (_first, _firstTokens) = _tokens == 0 ? (_last, count) : (_first, _firstTokens);
            _tokens += count;
        }
        else if (happened is ChoiceFinished finished)
        {
            (_isOver, _cachedTokens) = (true, finished.CachedTokens);
        }
    }
}
