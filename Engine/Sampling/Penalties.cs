namespace ManagedSwarm.Engine.Sampling;

/// <summary>
/// What one choice has said, and what that takes off its logits. The repeat penalty sees the last tokens, the prompt's among them, as in
/// llama.cpp; presence and frequency count what the choice has generated itself, all of it, as OpenAI documents them.
/// </summary>
internal sealed class Penalties
{
    private readonly SamplingOptions _options;
    private readonly Queue<int> _window = new();
    private readonly Dictionary<int, int> _inWindow = [];
    private readonly Dictionary<int, int> _generated = [];

    public Penalties(SamplingOptions options, IReadOnlyList<int> prompt)
    {
        _options = options;
        for (var i = Math.Max(0, prompt.Count - options.RepeatWindow); i < prompt.Count; i++)
        {
            Remember(prompt[i]);
        }
    }

    /// <summary>Whether <see cref="Apply"/> can change anything.</summary>
    public bool IsActive => Repeats || Counts;

    private bool Repeats => _options.RepeatPenalty != 1 && _options.RepeatWindow > 0;

    private bool Counts => _options.PresencePenalty != 0 || _options.FrequencyPenalty != 0;

    /// <summary>Takes note of a generated token.</summary>
    public void Accept(int token)
    {
        Remember(token);
        if (Counts)
        {
            _generated[token] = _generated.GetValueOrDefault(token) + 1;
        }
    }

    /// <summary>Changes logits: (vocabularySize).</summary>
    public void Apply(Span<float> logits)
    {
        if (Repeats)
        {
            foreach (var token in _inWindow.Keys)
            {
                // Dividing a negative logit would make the token likelier.
                logits[token] = Finite(logits[token] > 0 ? logits[token] / _options.RepeatPenalty : logits[token] * _options.RepeatPenalty);
            }
        }

        foreach (var (token, count) in _generated)
        {
            logits[token] = Finite(logits[token] - (count * _options.FrequencyPenalty) - _options.PresencePenalty);
        }
    }

    /// <summary>A huge penalty must not turn a difference of logits into NaN later.</summary>
    internal static float Finite(float logit) => Math.Clamp(logit, float.MinValue, float.MaxValue);

    private void Remember(int token)
    {
        if (!Repeats)
        {
            return;
        }

        _window.Enqueue(token);
        _inWindow[token] = _inWindow.GetValueOrDefault(token) + 1;
        if (_window.Count > _options.RepeatWindow && _window.TryDequeue(out var gone) && --_inWindow[gone] == 0)
        {
            _inWindow.Remove(gone);
        }
    }
}
