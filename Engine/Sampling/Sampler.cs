namespace ManagedSwarm.Engine.Sampling;

/// <summary>
/// Chooses the tokens of one choice. Order, as in llama.cpp's default chain:
/// <code>
/// logit_bias → penalties → top_k → typical_p → top_p → min_p → temperature → draw
/// </code>
/// A temperature of 0 is greedy: the likeliest after bias and penalties, of equals the one with the lowest id; filters have no say then.
/// The random number depends on seed, choice and position only. Allocates nothing per token (the first use of typical_p does).
/// </summary>
internal sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly KeyValuePair<int, float>[] _bias;
    private readonly Penalties _penalties;
    private readonly int _choice;
    private int _position;

    /// <param name="options">Validated.</param>
    /// <param name="prompt">The tokens before the reply.</param>
    /// <param name="choice">Which choice of the request.</param>
    public Sampler(SamplingOptions options, IReadOnlyList<int> prompt, int choice)
    {
        _options = options;
        _bias = [.. options.LogitBias];
        _penalties = new Penalties(options, prompt);
        _choice = choice;
        _position = prompt.Count;
    }

    /// <summary>Chooses the next token, and remembers it.</summary>
    /// <param name="logits">(vocabularySize)</param>
    /// <param name="workspace">Scratch; overwritten.</param>
    /// <exception cref="EngineException"><c>invalid_logits</c>: a logit is NaN or infinite.</exception>
    public int Next(ReadOnlySpan<float> logits, SamplingWorkspace workspace)
    {
        RequireFinite(logits);
        var token = Choose(Adjust(logits, workspace), workspace.Candidates);
        Accept(token);
        return token;
    }

    /// <summary>Remembers a token that was chosen elsewhere.</summary>
    public void Accept(int token)
    {
        _penalties.Accept(token);
        _position++;
    }

    private ReadOnlySpan<float> Adjust(ReadOnlySpan<float> logits, SamplingWorkspace workspace)
    {
        if (_bias.Length == 0 && !_penalties.IsActive)
        {
            return logits;
        }

        var adjusted = workspace.Logits.AsSpan(0, logits.Length);
        logits.CopyTo(adjusted);
        foreach (var (token, bias) in _bias)
        {
            adjusted[token] = Penalties.Finite(adjusted[token] + bias);
        }

        _penalties.Apply(adjusted);
        return adjusted;
    }

    private int Choose(ReadOnlySpan<float> logits, Candidates candidates)
    {
        if (_options.Temperature == 0)
        {
            return Likeliest(logits);
        }

        candidates.Fill(logits);
        Filter(candidates);
        return candidates.Draw(_options.Temperature, Philox.Uniform(_options.Seed, _choice, _position));
    }

    private void Filter(Candidates candidates)
    {
        if (_options.TopK > 0)
        {
            candidates.TopK(_options.TopK);
        }

        if (_options.TypicalP < 1)
        {
            candidates.Typical(_options.TypicalP);
        }

        if (_options.TopP < 1)
        {
            candidates.TopP(_options.TopP);
        }

        if (_options.MinP > 0)
        {
            candidates.MinP(_options.MinP);
        }
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
            {
                best = i;
            }
        }

        return best;
    }

    private static void RequireFinite(ReadOnlySpan<float> logits)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            if (!float.IsFinite(logits[i]))
            {
                throw new EngineException(
                    "invalid_logits",
                    FormattableString.Invariant($"the model's logit of token {i} is {logits[i]}; expected is a finite number"));
            }
        }
    }
}
