using System.Globalization;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>
/// <c>[[fill]align][sign][#][0][width][,|_][.precision][type]</c>, the small language that <c>str.format</c> has for one value. The <c>%</c>
/// operator's own is put into this one.
/// </summary>
internal sealed record FormatSpec
{
    /// <summary>More digits than these no float has.</summary>
    private const int MaxPrecision = 1100;

    public char Fill { get; init; } = ' ';

    /// <summary><c>&lt; &gt; ^ =</c>, or nothing for the type's default.</summary>
    public char Align { get; init; }

    /// <summary><c>+ -</c> or a blank.</summary>
    public char Sign { get; init; } = '-';

    public bool IsAlternate { get; init; }

    public int Width { get; init; }

    /// <summary>What separates thousands, or nothing.</summary>
    public char Grouping { get; init; }

    public int? Precision { get; init; }

    public char Type { get; init; }

    public bool IsEmpty => this == new FormatSpec();

    public static FormatSpec Parse(string text)
    {
        var at = 0;
        var spec = new FormatSpec();
        var hasFill = text.Length > 1 && IsAlign(text[1]);
        if (hasFill)
        {
            spec = spec with { Fill = text[0], Align = text[1] };
            at = 2;
        }
        else if (text.Length > 0 && IsAlign(text[0]))
        {
            spec = spec with { Align = text[0] };
            at = 1;
        }

        spec = Take(text, ref at, "+- ") is char sign and not '\0' ? spec with { Sign = sign } : spec;
        spec = spec with { IsAlternate = Take(text, ref at, "#") != '\0' };
        if (Take(text, ref at, "0") != '\0')
        {
            spec = spec with { Fill = hasFill ? spec.Fill : '0', Align = spec.Align == '\0' ? '=' : spec.Align };
        }

        spec = spec with { Width = TakeNumber(text, ref at) ?? 0 };
        spec = spec with { Grouping = Take(text, ref at, ",_") };
        if (Take(text, ref at, ".") != '\0')
        {
            spec = spec with { Precision = TakeNumber(text, ref at) ?? throw TemplateFault.Value("format specifier missing precision") };
        }

        spec = spec with { Type = Take(text, ref at, "bcdeEfFgGnosxX%") };
        return at == text.Length ? spec : throw TemplateFault.Value("invalid format specifier");
    }

    /// <summary>A number of digits that is worth computing.</summary>
    public static int Bounded(int precision)
    {
        if (precision > MaxPrecision)
        {
            TemplateFault.ThrowLimit("digits after the point", MaxPrecision);
        }

        return precision;
    }

    /// <summary>Reads a width or precision; null if there is none.</summary>
    public static int? TakeNumber(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at == start ? null
            : int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw TemplateFault.Value("too many digits in format string");
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '^' or '=';

    private static char Take(string text, ref int at, string choices) =>
        at < text.Length && choices.Contains(text[at], StringComparison.Ordinal) ? text[at++] : '\0';
}
