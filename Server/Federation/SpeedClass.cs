namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Speeds, rounded so that routers that hear of them at different times have the same number nearly always. See <see cref="Candidate.Class"/>.
/// </summary>
internal static class SpeedClass
{
    // A class ends halfway to the next one; who is in it stays until it is half as far again, so that none goes to and fro.
    private const double Reach = 0.75;

    /// <summary>The class of a speed: a power of two.</summary>
    /// <param name="tokensPerSecond">Above 0.</param>
    /// <param name="before">Its class so far; null: none.</param>
    public static double Of(double tokensPerSecond, double? before = null) =>
        before is { } stays && Math.Abs(Math.Log2(tokensPerSecond / stays)) < Reach ? stays : Math.Pow(2, Math.Round(Math.Log2(tokensPerSecond)));
}
