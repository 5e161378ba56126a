using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Golden;

/// <summary>Compares a device's logits with a golden's, under teacher forcing.</summary>
internal static class GoldenComparison
{
    /// <summary>Requires the same greedy tokens and the same log-probabilities of the ten likeliest.</summary>
    public static async Task RequireAgreementAsync(
        IDevice device, string golden, double logProbTolerance, float undecidedGap, CancellationToken cancellationToken)
    {
        await foreach (var (goldenCase, logits) in RunAsync(device, golden, cancellationToken))
        {
            Assert.NotEmpty(goldenCase.Positions);
            foreach (var position in goldenCase.Positions)
            {
                var logProbs = LogProbs(logits[position.Index]);
                foreach (var (token, expected) in position.Top)
                {
                    Assert.True(
                        Math.Abs(logProbs[token] - expected) <= logProbTolerance,
                        $"'{goldenCase.Prompt}' position {position.Index}: log-probability of {token} is {logProbs[token]:F5}; llama.cpp's is {expected:F5}");
                }
            }

            RequireSameTokens(goldenCase, logits, undecidedGap);
        }
    }

    /// <summary>The share of positions at which the device's likeliest token is the golden's.</summary>
    public static async Task<double> TopAgreementAsync(IDevice device, string golden, CancellationToken cancellationToken)
    {
        var (same, all) = (0, 0);
        await foreach (var (goldenCase, logits) in RunAsync(device, golden, cancellationToken))
        {
            same += goldenCase.Positions.Count(position => ArgMax(logits[position.Index]) == position.Top[0].Token);
            all += goldenCase.Positions.Count;
        }

        return (double)same / all;
    }

    /// <summary>Log-probabilities, in double.</summary>
    public static double[] LogProbs(float[] logits)
    {
        var max = logits.Max();
        var logSum = Math.Log(logits.Sum(logit => Math.Exp(logit - max)));
        return [.. logits.Select(logit => logit - max - logSum)];
    }

    private static async IAsyncEnumerable<(GoldenCase Case, float[][] Logits)> RunAsync(
        IDevice device, string golden, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var model = golden.Replace(".deq", "", StringComparison.Ordinal);
        await using var forcing = new TeacherForcing(device, SharedData.Require($"models/{model}.gguf"));
        foreach (var goldenCase in GoldenCase.Load(golden))
        {
            int[] tokens = [.. goldenCase.PromptTokens, .. goldenCase.Tokens[..^1]];
            var logits = await forcing.ComputeLogitsAsync(tokens, tokens.Length, cancellationToken);
            yield return (goldenCase, logits[(goldenCase.PromptTokens.Length - 1)..]);
        }
    }

    private static void RequireSameTokens(GoldenCase goldenCase, float[][] logits, float undecidedGap)
    {
        var undecided = goldenCase.Positions.Where(position => position.Gap < undecidedGap).Select(position => position.Index).ToHashSet();
        for (var i = 0; i < goldenCase.Tokens.Length; i++)
        {
            var chosen = ArgMax(logits[i]);
            Assert.True(
                chosen == goldenCase.Tokens[i] || undecided.Contains(i),
                $"'{goldenCase.Prompt}' position {i}: the likeliest token is {chosen}; llama.cpp's is {goldenCase.Tokens[i]}");
        }
    }

    private static int ArgMax(float[] logits) => Array.IndexOf(logits, logits.Max());
}
