namespace ManagedSwarm.Engine.Model;

/// <summary>
/// Cosines and sines of rotary position embedding: one angle per position and pair of dimensions, the same for all heads and layers.
/// Scaling as in llama.cpp (<c>rope_yarn</c> in ggml), frequencies divided by <c>rope_freqs.weight</c> where the file has it (Llama 3.1).
/// </summary>
internal sealed class RopeTable
{
    private readonly double[] _frequencies;
    private readonly float _magnitude;

    /// <param name="config">Base, scaling, dimensions.</param>
    /// <param name="frequencyFactors">Divisors, one per pair; empty for none.</param>
    /// <exception cref="EngineException"><c>invalid_model</c>: too few divisors, or an angle that is no number.</exception>
    public RopeTable(RopeConfig config, ReadOnlySpan<float> frequencyFactors)
    {
        Kind = config.Kind;
        PairCount = config.DimensionCount / 2;
        if (!frequencyFactors.IsEmpty && frequencyFactors.Length < PairCount)
        {
            throw new EngineException("invalid_model", $"rope_freqs.weight has {frequencyFactors.Length} factors; needed are {PairCount}");
        }

        _frequencies = new double[PairCount];
        var scale = config.Scaling == RopeScaling.None ? 1.0 : 1.0 / config.ScalingFactor;
        var (low, high) = CorrectionRange(config);
        for (var pair = 0; pair < PairCount; pair++)
        {
            var factor = frequencyFactors.IsEmpty ? 1f : frequencyFactors[pair];
            var trained = Math.Pow(config.Base, -2.0 * pair / config.DimensionCount) / factor;
            var keep = config.Scaling == RopeScaling.Yarn ? Ramp(low, high, pair) * config.YarnExtFactor : 0.0;
            _frequencies[pair] = trained * ((scale * (1 - keep)) + keep);
        }

        _magnitude = (float)(config.AttentionFactor * MagnitudeScale(config, scale));
        RequireNumbers();
    }

    /// <summary>Which dimensions of a head rotate together.</summary>
    public RopeKind Kind { get; }

    /// <summary>Pairs of dimensions that rotate.</summary>
    public int PairCount { get; }

    /// <summary>The cosines and sines of one position, one per pair, magnitude scale included.</summary>
    public void Fill(int position, Span<float> cosines, Span<float> sines)
    {
        for (var pair = 0; pair < _frequencies.Length; pair++)
        {
            var (sine, cosine) = Math.SinCos(position * _frequencies[pair]);
            cosines[pair] = (float)cosine * _magnitude;
            sines[pair] = (float)sine * _magnitude;
        }
    }

    private void RequireNumbers()
    {
        var pair = Array.FindIndex(_frequencies, frequency => !double.IsFinite(frequency));
        if (pair >= 0 || !float.IsFinite(_magnitude))
        {
            var (what, found) = pair >= 0 ? ($"frequency {pair}", _frequencies[pair]) : ("scale of the magnitude", _magnitude);
            throw new EngineException(
                "invalid_model",
                FormattableString.Invariant(
                    $"the {what} of the rotary embedding is {found}; rope.freq_base, rope.scaling.* and rope_freqs.weight must give finite numbers"));
        }
    }

    private static double MagnitudeScale(RopeConfig config, double scale) =>
        config.Scaling == RopeScaling.Yarn && config.YarnExtFactor != 0 ? 1 + (0.1 * Math.Log(1 / scale)) : 1;

    /// <summary>The pairs between which YaRN goes from the trained frequency to the scaled one.</summary>
    private static (double Low, double High) CorrectionRange(RopeConfig config)
    {
        double PairOf(double rotations) =>
            config.DimensionCount * Math.Log(config.OriginalContextLength / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.Base));

        return (
            Math.Max(0, Math.Floor(PairOf(config.YarnBetaFast))),
            Math.Min(config.DimensionCount - 1, Math.Ceiling(PairOf(config.YarnBetaSlow))));
    }

    private static double Ramp(double low, double high, int pair) =>
        1 - Math.Clamp((pair - low) / Math.Max(0.001, high - low), 0, 1);
}
