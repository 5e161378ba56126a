namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// Finds the scale of a sub-block. The obvious one, largest value by largest level, is rarely the best; so scales near it are
/// tried. For the levels that each gives, the best scale has a closed form (weighted least squares), and with it the error.
/// Large elements weigh more, as they do in a dot product. Ranges, steps and weights are those of ggml's reference quantizers.
/// </summary>
internal static class ScaleSearch
{
    /// <summary>How far the tried numbers of levels lie apart.</summary>
    private const float Step = 0.1f;

    private const int SymmetricSteps = 9;

    private const int AffineSteps = 10;

    /// <summary>
    /// The scale s for x = s * q with q from -<paramref name="levels"/> to <paramref name="levels"/> - 1; elements weigh x^2.
    /// </summary>
    public static float Symmetric(ReadOnlySpan<float> values, int levels)
    {
        var largest = Rounding.LargestMagnitude(values);
        if (largest == 0)
        {
            return 0;
        }

        var (bestScale, bestGain) = (0f, 0f);
        for (var step = -SymmetricSteps; step <= SymmetricSteps; step++)
        {
            var inverse = -(levels + (Step * step)) / largest;
            var (product, square) = (0f, 0f);
            foreach (var value in values)
            {
                var q = Math.Clamp(MathF.Round(inverse * value), -levels, levels - 1);
                var weighted = value * value * q;
                product += weighted * value;
                square += weighted * q;
            }

            // By s = product / square, the weighted square error falls by product^2 / square.
            if (square > 0 && product * product > bestGain * square)
            {
                (bestScale, bestGain) = (product / square, product * product / square);
            }
        }

        return bestScale;
    }

    /// <summary>
    /// Scale s and minimum m, both at least 0, for x = s * q - m with q from 0 to <paramref name="levels"/>;
    /// elements weigh their magnitude plus the root mean square of all.
    /// </summary>
    public static (float Scale, float Minimum) Affine(ReadOnlySpan<float> values, int levels)
    {
        Span<float> weights = stackalloc float[values.Length];
        var sums = Weigh(values, weights);
        if (sums.Highest == sums.Lowest)
        {
            return (0, -sums.Lowest);
        }

        var (best, bestGain) = ((Scale: 0f, Minimum: 0f), float.NegativeInfinity);
        for (var step = -AffineSteps; step <= AffineSteps; step++)
        {
            var inverse = (levels + (Step * step)) / (sums.Highest - sums.Lowest);
            var (sumQ, sumQQ, sumQX) = (0f, 0f, 0f);
            for (var i = 0; i < values.Length; i++)
            {
                var q = Math.Clamp(MathF.Round(inverse * (values[i] - sums.Lowest)), 0, levels);
                var weighted = weights[i] * q;
                sumQ += weighted;
                sumQQ += weighted * q;
                sumQX += weighted * values[i];
            }

            var candidate = Solve(sums, sumQ, sumQQ, sumQX);
            var gain = (candidate.Scale * sumQX) - (candidate.Minimum * sums.X);
            if (gain > bestGain)
            {
                (best, bestGain) = (candidate, gain);
            }
        }

        return best;
    }

    /// <summary>Computes the weights, and what does not depend on the levels.</summary>
    private static AffineSums Weigh(ReadOnlySpan<float> values, Span<float> weights)
    {
        var squares = 0f;
        foreach (var value in values)
        {
            squares += value * value;
        }

        var rootMeanSquare = MathF.Sqrt(squares / values.Length);
        // Zero is always within the range, as the minimum cannot be negative.
        var sums = new AffineSums(0, 0, 0, float.NegativeInfinity);
        for (var i = 0; i < values.Length; i++)
        {
            weights[i] = rootMeanSquare + MathF.Abs(values[i]);
            sums = new AffineSums(
                sums.Weight + weights[i],
                sums.X + (weights[i] * values[i]),
                MathF.Min(sums.Lowest, values[i]),
                MathF.Max(sums.Highest, values[i]));
        }

        return sums;
    }

    private static (float Scale, float Minimum) Solve(AffineSums sums, float sumQ, float sumQQ, float sumQX)
    {
        var determinant = (sums.Weight * sumQQ) - (sumQ * sumQ);
        if (determinant > 0)
        {
            var minimum = ((sumQ * sumQX) - (sumQQ * sums.X)) / determinant;
            if (minimum >= 0)
            {
                return (((sums.Weight * sumQX) - (sums.X * sumQ)) / determinant, minimum);
            }
        }

        return (sumQQ > 0 ? sumQX / sumQQ : 0, 0);
    }

    /// <param name="Weight">Sum of the weights.</param>
    /// <param name="X">Weighted sum of the values.</param>
    /// <param name="Lowest">The smallest value, or 0.</param>
    /// <param name="Highest">The largest value.</param>
    private readonly record struct AffineSums(float Weight, float X, float Lowest, float Highest);
}
