using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Bench.Quality;

/// <summary>How far one set of kernels is from another, summed up over positions at which both saw the same tokens before.</summary>
internal sealed class Divergence
{
    private double _divergence;
    private double _judgeLogProbs;
    private double _logProbs;
    private int _agreed;
    private int _predicted;

    public int Positions { get; private set; }

    /// <summary>Mean of the Kullback-Leibler divergence from the judge's distribution, in nats.</summary>
    public double Mean => _divergence / Positions;

    public double Largest { get; private set; }

    /// <summary>Fraction of positions at which both find the same token likeliest.</summary>
    public double Agreement => (double)_agreed / Positions;

    /// <summary>Of the tokens that followed.</summary>
    public double JudgePerplexity => Math.Exp(-_judgeLogProbs / _predicted);

    /// <summary>Of the tokens that followed.</summary>
    public double Perplexity => Math.Exp(-_logProbs / _predicted);

    /// <summary>Adds a position.</summary>
    /// <param name="judge">The reference kernels' logits: (vocabularySize).</param>
    /// <param name="logits">The other kernels' logits: (vocabularySize).</param>
    /// <param name="next">The token that follows; null at the end.</param>
    public void Add(ReadOnlySpan<float> judge, ReadOnlySpan<float> logits, int? next)
    {
        var (judgeTotal, total) = (LogProbs.LogSumExp(judge), LogProbs.LogSumExp(logits));
        var (divergence, judgeBest, best) = (0.0, 0, 0);
        for (var token = 0; token < judge.Length; token++)
        {
            var (p, q) = (judge[token] - judgeTotal, logits[token] - total);
            divergence += Math.Exp(p) * (p - q);
            judgeBest = judge[token] > judge[judgeBest] ? token : judgeBest;
            best = logits[token] > logits[best] ? token : best;
        }

        Positions++;
        _divergence += divergence;
        Largest = Math.Max(Largest, divergence);
        _agreed += judgeBest == best ? 1 : 0;
        if (next is { } follower)
        {
            _predicted++;
            _judgeLogProbs += judge[follower] - judgeTotal;
            _logProbs += logits[follower] - total;
        }
    }
}
