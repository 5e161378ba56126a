using System.Globalization;

namespace ManagedSwarm.Bench.Reports;

/// <summary>One figure, measured once per round.</summary>
/// <param name="Values">In the order of the rounds; at least one.</param>
internal sealed record Rounds(IReadOnlyList<double> Values)
{
    /// <summary>The middle value; of an even number of values, the mean of the two in the middle.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. Values.Order()];
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    /// <summary>This figure over another of the same rounds, round by round: what drifts with the machine cancels out.</summary>
    public Rounds Over(Rounds other) => new([.. Values.Zip(other.Values, (value, by) => value / by)]);

    /// <summary>This figure in another unit.</summary>
    public Rounds Times(double factor) => new([.. Values.Select(value => value * factor)]);

    /// <summary>The median, and each round in brackets: <c>47.4 [47.4 45.9 47.8]</c>.</summary>
    public override string ToString() =>
        Values.Count == 1 ? Digits(Median) : $"{Digits(Median)} [{string.Join(' ', Values.Select(Digits))}]";

    /// <summary>Three digits, as many as such measurements are worth; all of those before the point.</summary>
    public static string Digits(double value) => Math.Abs(value) switch
    {
        >= 99.95 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("F1", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("F2", CultureInfo.InvariantCulture),
        _ => value.ToString("G3", CultureInfo.InvariantCulture),
    };
}
