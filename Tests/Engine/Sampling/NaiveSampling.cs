using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Sampling;

/// <summary>The sampler's definition, written down as plainly as possible: the probabilities with which tokens must be drawn.</summary>
internal static class NaiveSampling
{
    /// <summary>Token and probability, for the tokens that may be drawn.</summary>
    public static Dictionary<int, double> Distribution(float[] logits, SamplingOptions options, int[] prompt, int[] generated)
    {
        var adjusted = Adjust(logits, options, prompt, generated);
        var left = Enumerable.Range(0, logits.Length).OrderByDescending(id => adjusted[id]).ThenBy(id => id).ToList();
        if (options.TopK > 0)
        {
            left = [.. left.Take(options.TopK)];
        }

        if (options.TypicalP < 1)
        {
            left = Typical(adjusted, left, options.TypicalP);
        }

        if (options.TopP < 1)
        {
            left = TopP(adjusted, left, options.TopP);
        }

        if (options.MinP > 0)
        {
            var p = Softmax(adjusted, left, 1);
            left = [.. left.Where(id => p[id] >= options.MinP * p[left[0]])];
        }

        return Softmax(adjusted, left, options.Temperature);
    }

    public static float[] Adjust(float[] logits, SamplingOptions options, int[] prompt, int[] generated)
    {
        var adjusted = logits.ToArray();
        foreach (var (token, bias) in options.LogitBias)
        {
            adjusted[token] += bias;
        }

        int[] all = [.. prompt, .. generated];
        foreach (var token in all.TakeLast(options.RepeatWindow).Distinct())
        {
            adjusted[token] = adjusted[token] > 0 ? adjusted[token] / options.RepeatPenalty : adjusted[token] * options.RepeatPenalty;
        }

        foreach (var group in generated.GroupBy(token => token))
        {
            adjusted[group.Key] = adjusted[group.Key] - (group.Count() * options.FrequencyPenalty) - options.PresencePenalty;
        }

        return adjusted;
    }

    public static Dictionary<int, double> Softmax(float[] logits, List<int> tokens, double temperature)
    {
        var maximum = tokens.Max(id => (double)logits[id]);
        var total = tokens.Sum(id => Math.Exp((logits[id] - maximum) / temperature));
        return tokens.ToDictionary(id => id, id => Math.Exp((logits[id] - maximum) / temperature) / total);
    }

    private static List<int> TopP(float[] logits, List<int> tokens, double limit)
    {
        var p = Softmax(logits, tokens, 1);
        var count = 1;
        for (var sum = p[tokens[0]]; sum < limit && count < tokens.Count; count++)
        {
            sum += p[tokens[count]];
        }

        return [.. tokens.Take(count)];
    }

    private static List<int> Typical(float[] logits, List<int> tokens, double limit)
    {
        var p = Softmax(logits, tokens, 1);
        var entropy = -p.Values.Sum(x => x == 0 ? 0 : x * Math.Log(x));
        var sum = 0.0;
        var kept = new List<int>();
        foreach (var id in tokens.OrderBy(id => Math.Abs(-Math.Log(p[id]) - entropy)))
        {
            kept.Add(id);
            sum += p[id];
            if (sum > limit)
            {
                break;
            }
        }

        return [.. kept.OrderByDescending(id => logits[id]).ThenBy(id => id)];
    }
}
