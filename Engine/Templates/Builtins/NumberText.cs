using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Reads numbers as <c>int(text, base)</c> and <c>float(text)</c> do: white space around, single underscores between digits.</summary>
internal static class NumberText
{
    public static BigInteger? ParseInteger(string text, int radix)
    {
        text = TextOperations.Strip(text, null);
        var isNegative = text.StartsWith('-');
        var digits = text.StartsWith('+') || isNegative ? text[1..] : text;
        var prefix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (radix == 0 || radix == prefix))
        {
            radix = prefix;
            digits = digits.Length > 2 && digits[2] == '_' ? digits[3..] : digits[2..];
        }

        var isDecimalWithZeros = radix == 0 && digits.Length > 1 && digits[0] == '0' && digits.Any(c => c is not ('0' or '_'));
        if (!HasSingleUnderscores(digits) || digits.Length > IntValue.MaxDigits || isDecimalWithZeros)
        {
            return null;
        }

        return ParseDigits(digits, radix == 0 ? 10 : radix) is BigInteger number ? (isNegative ? -number : number) : null;
    }

    public static double? ParseFloat(string text)
    {
        text = TextOperations.Strip(text, null);
        var word = text.TrimStart('+', '-').ToLowerInvariant();
        if (word is "inf" or "infinity" or "nan" && text.Length - word.Length <= 1)
        {
            return word == "nan" ? double.NaN : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var isPlain = text.All(c => char.IsAsciiDigit(c) || "+-.eE_".Contains(c, StringComparison.Ordinal));
        var separated = text.Split('+', '-', '.', 'e', 'E');
        return isPlain && separated.All(digits => digits.Length == 0 || HasSingleUnderscores(digits))
            && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), Style, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    private static bool HasSingleUnderscores(string digits) =>
        digits.Length > 0 && digits[0] != '_' && digits[^1] != '_' && !digits.Contains("__", StringComparison.Ordinal);

    private static BigInteger? ParseDigits(string digits, int radix)
    {
        if (radix is < 2 or > 36)
        {
            throw TemplateFault.Value("int() base must be >= 2 and <= 36, or 0");
        }

        var number = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsDigit(c) ? (int)char.GetNumericValue(c) : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : c == '_' ? -1 : radix;
            if (digit >= radix)
            {
                return null;
            }

            number = digit < 0 ? number : (number * radix) + digit;
        }

        return number;
    }
}
