using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Sampling;

public sealed class LogProbsTests
{
    [Fact]
    public void Probabilities_sum_to_1()
    {
        var random = new Random(5);
        foreach (var size in (int[])[1, 2, 1_000, 100_000])
        {
            foreach (var scale in (float[])[0, 1, 50, 1e6f])
            {
                float[] logits = [.. Enumerable.Range(0, size).Select(_ => (random.NextSingle() - 0.5f) * scale)];
                var total = LogProbs.LogSumExp(logits);
                Assert.Equal(1.0, logits.Sum(logit => Math.Exp(logit - total)), 9);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(500)]
    [InlineData(1000)]
    public void Likeliest_are_those_of_a_full_sort(int count)
    {
        var random = new Random(6);
        var candidates = new Candidates(1000);
        for (var round = 0; round < 20; round++)
        {
            float[] logits = [.. Enumerable.Range(0, 1000).Select(_ => (float)random.Next(-round * 20, (round * 20) + 1))];
            var expected = Enumerable.Range(0, 1000).OrderByDescending(id => logits[id]).ThenBy(id => id).Take(count);
            Assert.Equal(expected, LogProbs.Likeliest(logits, count, candidates));
        }
    }

    [Fact]
    public void Negative_zero_and_zero_are_equal() =>
        Assert.Equal([0, 1, 2, 3], LogProbs.Likeliest([-0f, 0f, -0f, 0f], 4, new Candidates(4)));
}
