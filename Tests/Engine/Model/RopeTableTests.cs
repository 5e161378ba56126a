using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class RopeTableTests
{
    private const int Dimensions = 64;

    [Theory]
    [InlineData(RopeScaling.None, 4f, 1f)]
    [InlineData(RopeScaling.Linear, 1f, 1f)]
    [InlineData(RopeScaling.Linear, 4f, 0.25f)]
    public void Unscaled_and_linear_angles_are_position_times_frequency(RopeScaling scaling, float factor, float scale)
    {
        var (cosines, sines) = Fill(Config(scaling, factor), [], 37);
        for (var pair = 0; pair < Dimensions / 2; pair++)
        {
            var angle = 37 * scale * Math.Pow(10000, -2.0 * pair / Dimensions);
            Assert.Equal(Math.Cos(angle), cosines[pair], 1e-6);
            Assert.Equal(Math.Sin(angle), sines[pair], 1e-6);
        }
    }

    [Fact]
    public void Frequency_factors_divide_the_angles()
    {
        float[] factors = [.. Enumerable.Range(0, Dimensions / 2).Select(pair => 1f + (pair / 4f))];
        var (cosines, _) = Fill(Config(RopeScaling.None, 1), factors, 37);
        for (var pair = 0; pair < factors.Length; pair++)
        {
            Assert.Equal(Math.Cos(37 * Math.Pow(10000, -2.0 * pair / Dimensions) / factors[pair]), cosines[pair], 1e-6);
        }
    }

    /// <summary>YaRN (arXiv 2309.00071 §3): pairs that turn often keep their frequency, slow ones are interpolated, all grow by the temperature.</summary>
    [Fact]
    public void Yarn_keeps_fast_pairs_interpolates_slow_ones_and_scales_the_magnitude()
    {
        const float Factor = 8f;
        const int Original = 2048;
        var (cosines, sines) = Fill(Config(RopeScaling.Yarn, Factor) with { OriginalContextLength = Original }, [], 37);
        var magnitude = 1 + (0.1 * Math.Log(Factor));
        for (var pair = 0; pair < Dimensions / 2; pair++)
        {
            var frequency = Math.Pow(10000, -2.0 * pair / Dimensions);
            var length = Math.Sqrt((cosines[pair] * cosines[pair]) + (sines[pair] * sines[pair]));
            Assert.Equal(magnitude, length, 1e-5);
            var rotations = Original * frequency / (2 * Math.PI);
            if (rotations > 64)
            {
                Assert.Equal(Math.Cos(37 * frequency) * magnitude, cosines[pair], 1e-5);
            }
            else if (rotations < 0.5)
            {
                Assert.Equal(Math.Cos(37 * frequency / Factor) * magnitude, cosines[pair], 1e-5);
            }
        }
    }

    [Fact]
    public void Yarn_ramps_linearly_between_the_two_corrections()
    {
        // By hand for base 10000, 64 dimensions, 2048 trained tokens: pair of 32 rotations 8.06 -> 8, pair of 1 rotation 20.1 -> 21.
        var (cosines, sines) = Fill(Config(RopeScaling.Yarn, 8f) with { OriginalContextLength = 2048 }, [], 1);
        var keep = 1 - ((14.0 - 8) / (21 - 8));
        var frequency = Math.Pow(10000, -2.0 * 14 / Dimensions);
        var expected = (frequency / 8 * (1 - keep)) + (frequency * keep);
        Assert.Equal(expected, Math.Atan2(sines[14], cosines[14]), 1e-7);
    }

    [Fact]
    public void Rejects_too_few_frequency_factors() =>
        Assert.Equal("invalid_model", Assert.Throws<EngineException>(() => new RopeTable(Config(RopeScaling.None, 1), [1f, 2f])).Code);

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.PositiveInfinity)]
    public void Rejects_angles_that_are_no_numbers(float frequencyFactor, float attentionFactor)
    {
        float[] factors = [.. Enumerable.Repeat(frequencyFactor, Dimensions / 2)];
        var config = Config(RopeScaling.None, 1) with { AttentionFactor = attentionFactor };
        Assert.Equal("invalid_model", Assert.Throws<EngineException>(() => new RopeTable(config, factors)).Code);
    }

    private static RopeConfig Config(RopeScaling scaling, float factor) => new()
    {
        DimensionCount = Dimensions,
        Scaling = scaling,
        ScalingFactor = factor,
        OriginalContextLength = 2048,
    };

    private static (float[] Cosines, float[] Sines) Fill(RopeConfig config, float[] factors, int position)
    {
        var (cosines, sines) = (new float[Dimensions / 2], new float[Dimensions / 2]);
        new RopeTable(config, factors).Fill(position, cosines, sines);
        return (cosines, sines);
    }
}
