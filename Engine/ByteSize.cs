using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ManagedSwarm.Engine;

/// <summary>Sizes of memory as people read and write them.</summary>
public static class ByteSize
{
    /// <summary>What <see cref="TryParse"/> takes, in words.</summary>
    public const string Expected = "a number of bytes such as 8000000000, 512M, 6G or 1.5T (of 1024 each)";

    private const double KiB = 1 << 10;
    private const double GiB = 1 << 30;
    private const string Units = "KMGT";

    public static string Text(long bytes) => bytes >= GiB / 10
        ? FormattableString.Invariant($"{bytes / GiB:F2} GiB")
        : FormattableString.Invariant($"{bytes / KiB:F0} KiB");

    /// <summary>Parses a number of bytes, or of a unit: K, M, G, T, which may be followed by B or iB.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out long bytes)
    {
        bytes = 0;
        if (text is null)
        {
            return false;
        }

        var digits = text.TrimEnd().AsSpan();
        foreach (var ending in new[] { "iB", "B" })
        {
            if (digits.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && digits.Length > ending.Length)
            {
                digits = digits[..^ending.Length];
                break;
            }
        }

        var unit = digits.IsEmpty ? -1 : Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal);
        var factor = (decimal)Math.Pow(KiB, unit + 1);
        digits = (unit < 0 ? digits : digits[..^1]).TrimEnd();
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number > long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(number * factor);
        return true;
    }
}
