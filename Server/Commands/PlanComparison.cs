namespace ManagedSwarm.Server.Commands;

/// <summary>A prediction beside what came of it.</summary>
/// <param name="PerToken">Of one reply.</param>
/// <param name="FirstToken">Null: not measured.</param>
/// <param name="PromptTokens">Of the prompt that <paramref name="FirstToken"/> is about.</param>
/// <param name="At">When it was measured.</param>
internal sealed record PlanComparison(PlanComparison.Times PerToken, PlanComparison.Times? FirstToken, int PromptTokens, DateTime At)
{
    /// <summary>In words: <c>predicted 41.0 ms per token, measured 44.0 ms (+7 %)</c>.</summary>
    public override string ToString() => FirstToken is { } first
        ? FormattableString.Invariant($"{PerToken.Text("per token")}; {first.Text($"to the first token of {PromptTokens}")}")
        : PerToken.Text("per token");

    /// <param name="PredictedMs">More than 0.</param>
    /// <param name="MeasuredMs">More than 0.</param>
    internal sealed record Times(double PredictedMs, double MeasuredMs)
    {
        /// <summary>How much longer it took than was predicted, as a part of that.</summary>
        public double Error => PredictedMs > 0 ? (MeasuredMs / PredictedMs) - 1 : 0;

        public string Text(string what) =>
            FormattableString.Invariant($"predicted {Number(PredictedMs)} ms {what}, measured {Number(MeasuredMs)} ms ({100 * Error:+0;-0;0} %)");

        // Small models take less than a millisecond.
        private static string Number(double ms) => ms < 10 ? FormattableString.Invariant($"{ms:0.00}") : FormattableString.Invariant($"{ms:0.0}");
    }
}
