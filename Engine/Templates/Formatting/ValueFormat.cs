using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>One value formatted by a <see cref="FormatSpec"/>.</summary>
internal static class ValueFormat
{
    public static void Write(Value value, FormatSpec spec, TextBuffer output, RenderState state)
    {
        switch (value)
        {
            case StringValue text:
                WriteText(text.Text, spec, output);
                break;
            case BoolValue when spec.IsEmpty:
                WriteText(value.ToText(state), spec, output);
                break;
            case FloatValue real:
                WriteFloat(real.Number, spec, output);
                break;
            case IntValue or BoolValue:
                WriteInteger(Integers.Of(value)!.Value, spec, output);
                break;
            default:
                WriteText(spec.IsEmpty
                    ? value.ToText(state)
                    : throw TemplateFault.Type($"unsupported format string passed to {value.TypeName}.__format__"), spec, output);
                break;
        }
    }

    /// <summary>Cut to the precision, at the left of its width.</summary>
    public static void WriteText(string text, FormatSpec spec, TextBuffer output)
    {
        if (spec.Type is not ('\0' or 's') || spec.Align == '=')
        {
            throw TemplateFault.Value("this format cannot be used with a text");
        }

        if (spec.Precision is int precision && precision < text.Length)
        {
            text = CodePoints.Slice(text, 0, Math.Min(precision, CodePoints.Count(text)));
        }

        Pad("", text, spec.Align == '\0' ? spec with { Align = '<' } : spec, output);
    }

    public static void WriteInteger(BigInteger number, FormatSpec spec, TextBuffer output)
    {
        if (spec.Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
        {
            WriteFloat(Arithmetic.ToDouble(number), spec, output);
            return;
        }

        if (spec.Type == 'c')
        {
            WriteText(Character(number), spec with { Type = '\0', Align = spec.Align == '\0' ? '<' : spec.Align }, output);
            return;
        }

        var magnitude = BigInteger.Abs(number);
        var (digits, prefix) = spec.Type switch
        {
            '\0' or 'd' or 'n' => (magnitude.ToString(CultureInfo.InvariantCulture), ""),
            'x' => (Digits(magnitude, "x"), "0x"),
            'X' => (Digits(magnitude, "X"), "0X"),
            'b' => (Digits(magnitude, "b"), "0b"),
            'o' => (Octal(magnitude), "0o"),
            _ => throw TemplateFault.Value($"unknown format code '{spec.Type}' for an integer"),
        };
        var sign = Sign(number.Sign < 0, spec) + (spec.IsAlternate ? prefix : "");
        WriteNumber(sign, digits, "", spec, spec.Type is 'x' or 'X' or 'b' or 'o' ? 4 : 3, output);
    }

    public static void WriteFloat(double number, FormatSpec spec, TextBuffer output)
    {
        var isPercent = spec.Type == '%';
        var text = Text(Math.Abs(isPercent ? number * 100 : number), spec);
        var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var whole = end < 0 ? text.Length : end;
        var rest = text[whole..] + (isPercent ? "%" : "");
        WriteNumber(Sign(double.IsNegative(number) && !double.IsNaN(number), spec), text[..whole], rest, spec, 3, output);
    }

    private static string Text(double number, FormatSpec spec)
    {
        var isUpper = spec.Type is 'E' or 'F' or 'G';
        if (!double.IsFinite(number))
        {
            var name = double.IsNaN(number) ? "nan" : "inf";
            return isUpper ? name.ToUpperInvariant() : name;
        }

        var precision = FormatSpec.Bounded(spec.Precision ?? 6);
        var text = spec.Type switch
        {
            '\0' when spec.Precision is null => FloatFormat.Repr(number),
            '\0' => WithPoint(FloatFormat.General(number, precision, spec.IsAlternate)),
            'g' or 'G' or 'n' => FloatFormat.General(number, precision, spec.IsAlternate),
            'e' or 'E' => FloatFormat.Exponential(number, precision),
            'f' or 'F' or '%' => FloatFormat.Fixed(number, precision),
            _ => throw TemplateFault.Value($"unknown format code '{spec.Type}' for a float"),
        };
        return isUpper ? text.ToUpperInvariant() : text;
    }

    /// <summary>Without a type, a float keeps at least one digit after the point.</summary>
    private static string WithPoint(string text) => text.AsSpan().ContainsAny(".e") ? text : text + ".0";

    private static string Sign(bool isNegative, FormatSpec spec) => isNegative ? "-" : spec.Sign == '-' ? "" : spec.Sign.ToString();

    private static void WriteNumber(string sign, string digits, string rest, FormatSpec spec, int group, TextBuffer output)
    {
        if (spec.Grouping != '\0')
        {
            for (var at = digits.Length - group; at > 0; at -= group)
            {
                digits = digits.Insert(at, spec.Grouping.ToString());
            }
        }

        Pad(sign, digits + rest, spec.Align == '\0' ? spec with { Align = '>' } : spec, output);
    }

    private static void Pad(string sign, string text, FormatSpec spec, TextBuffer output)
    {
        var missing = Math.Max(0, spec.Width - sign.Length - CodePoints.Count(text));
        var before = spec.Align switch { '>' => missing, '^' => missing / 2, _ => 0 };
        var inside = spec.Align == '=' ? missing : 0;
        output.Append(spec.Fill, before).Append(sign).Append(spec.Fill, inside).Append(text).Append(spec.Fill, missing - before - inside);
    }

    private static string Digits(BigInteger magnitude, string format)
    {
        var digits = magnitude.ToString(format, CultureInfo.InvariantCulture).TrimStart('0');
        return digits.Length == 0 ? "0" : digits;
    }

    private static string Octal(BigInteger magnitude)
    {
        var bits = Digits(magnitude, "b");
        bits = bits.PadLeft((bits.Length + 2) / 3 * 3, '0');
        return string.Concat(bits.Chunk(3).Select(chunk => (char)('0' + ((chunk[0] - '0') * 4) + ((chunk[1] - '0') * 2) + (chunk[2] - '0'))));
    }

    private static string Character(BigInteger code) => code.Sign >= 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF)
        ? char.ConvertFromUtf32((int)code)
        : throw new TemplateFault("OverflowError: %c argument is not a character");
}
