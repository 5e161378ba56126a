using System.Globalization;
using System.Numerics;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>
/// Floats as Python writes and rounds them: correctly rounded, halves to even. .NET's own formats round halves away from zero.
/// </summary>
internal static class FloatFormat
{
    /// <summary>Python's <c>repr</c>: the shortest digits that read back the same, with an exponent from 1e16 on and below 1e-4.</summary>
    public static string Repr(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        // "E16" is not the shortest; "R" is, in one of two layouts: digits with a point, or digits with a point and an exponent.
        var text = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? digits.Length : point) - 1;
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        var sign = double.IsNegative(number) ? "-" : "";
        return digits.Length == 0 ? sign + "0.0" : sign + Layout(digits, exponent - leading);
    }

    /// <summary><c>%.Nf</c>.</summary>
    public static string Fixed(double number, int decimals)
    {
        var digits = Scaled(number, decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var whole = digits[..^decimals];
        return (double.IsNegative(number) ? "-" : "") + (decimals == 0 ? whole : $"{whole}.{digits[^decimals..]}");
    }

    /// <summary><c>%.Ne</c>, or <c>%.NE</c>.</summary>
    public static string Exponential(double number, int decimals, bool isUpper = false)
    {
        var (digits, exponent) = Significant(number, decimals + 1);
        var text = (double.IsNegative(number) ? "-" : "") + digits[..1] + (decimals > 0 ? $".{digits[1..]}" : "") + ExponentText(exponent);
        return isUpper ? text.ToUpperInvariant() : text;
    }

    /// <summary><c>%.Ng</c>: the shorter of both, without zeros at the end unless asked for.</summary>
    public static string General(double number, int precision, bool keepsZeros)
    {
        precision = Math.Max(1, precision);
        var (_, exponent) = Significant(number, precision);
        var text = exponent < -4 || exponent >= precision
            ? Exponential(number, precision - 1)
            : Fixed(number, precision - 1 - exponent);
        var mark = text.IndexOf('e', StringComparison.Ordinal);
        var mantissa = mark < 0 ? text : text[..mark];
        if (!keepsZeros && mantissa.Contains('.', StringComparison.Ordinal))
        {
            mantissa = mantissa.TrimEnd('0').TrimEnd('.');
        }

        return mantissa + (mark < 0 ? "" : text[mark..]);
    }

    /// <summary><c>round(number, decimals)</c>.</summary>
    public static double Round(double number, int decimals)
    {
        // Beyond these, a double has no digit to round, or none that is left.
        if (!double.IsFinite(number) || decimals > 323)
        {
            return number;
        }

        if (decimals < -308)
        {
            return Math.CopySign(0, number);
        }

        var scaled = Scaled(number, decimals).ToString(CultureInfo.InvariantCulture);
        var rounded = double.Parse(string.Create(CultureInfo.InvariantCulture, $"{scaled}e{-decimals}"), CultureInfo.InvariantCulture);
        return Math.CopySign(rounded, number);
    }

    /// <summary><c>round(number, decimals)</c>, which only changes an integer where decimals is negative.</summary>
    public static BigInteger RoundInteger(BigInteger number, int decimals)
    {
        if (decimals >= 0)
        {
            return number;
        }

        if (-(long)decimals > TemplateLimits.MaxIntegerBits)
        {
            return BigInteger.Zero;
        }

        var unit = BigInteger.Pow(10, -decimals);
        return number.Sign * DivideToEven(BigInteger.Abs(number), unit) * unit;
    }

    /// <summary>|number| · 10^decimals, rounded to a whole number.</summary>
    private static BigInteger Scaled(double number, int decimals)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        var power = Math.Max(exponent, 1) - 1075;
        var denominator = BigInteger.One;
        numerator = power > 0 ? numerator << power : numerator;
        denominator = power < 0 ? denominator << -power : denominator;
        numerator = decimals > 0 ? numerator * BigInteger.Pow(10, decimals) : numerator;
        denominator = decimals < 0 ? denominator * BigInteger.Pow(10, -decimals) : denominator;
        return DivideToEven(numerator, denominator);
    }

    private static BigInteger DivideToEven(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var half = (2 * remainder).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    /// <summary>So many digits, the first of them not zero, and the power of ten of that first one.</summary>
    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
        {
            return (new string('0', count), 0);
        }

        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(number)));
        var digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        while (digits.Length != count)
        {
            // The logarithm was off by one, or rounding carried into a new digit.
            exponent += digits.Length > count ? 1 : -1;
            digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        }

        return (digits, exponent);
    }

    private static string Layout(string digits, int exponent) => exponent switch
    {
        < -4 or >= 16 => digits[..1] + (digits.Length > 1 ? $".{digits[1..]}" : "") + ExponentText(exponent),
        < 0 => $"0.{new string('0', -exponent - 1)}{digits}",
        _ when digits.Length <= exponent + 1 => $"{digits}{new string('0', exponent + 1 - digits.Length)}.0",
        _ => $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
    };

    private static string ExponentText(int exponent) =>
        string.Create(CultureInfo.InvariantCulture, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
}
