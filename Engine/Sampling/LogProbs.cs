namespace ManagedSwarm.Engine.Sampling;

/// <summary>
/// Natural logarithms of the model's own probabilities, before bias, penalties, temperature and filters. Sums run in double and
/// in the order of ids, so that the same logits always give the same numbers.
/// </summary>
internal static class LogProbs
{
    /// <summary>
    /// The logarithm of the sum of the exponentials of logits: (vocabularySize), finite. A token's log-probability is its logit less this.
    /// </summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var maximum = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            maximum = Math.Max(maximum, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp((double)logit - maximum);
        }

        return maximum + Math.Log(sum);
    }

    /// <summary>The ids of the likeliest tokens, likeliest first, of equals the lower id first.</summary>
    /// <param name="logits">(vocabularySize)</param>
    /// <param name="count">How many; at most the vocabulary's size.</param>
    /// <param name="candidates">Scratch; overwritten.</param>
    public static int[] Likeliest(ReadOnlySpan<float> logits, int count, Candidates candidates)
    {
        candidates.Fill(logits);
        var tokens = new int[count];
        for (var i = 0; i < count; i++)
        {
            tokens[i] = candidates.TokenAt(i);
        }

        return tokens;
    }
}
