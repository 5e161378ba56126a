using System.Globalization;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>
/// <c>datetime.now().strftime(format)</c> in the C locale, with the flags of glibc: <c>-</c> no padding, <c>_</c> blanks, <c>0</c> zeros,
/// <c>^</c> upper case. The time has no zone in Python, so <c>%z</c> and <c>%Z</c> are empty. An unknown directive stays as it is.
/// </summary>
internal static class StrftimeFormat
{
    public static StringValue Format(string format, DateTimeOffset now, RenderState state)
    {
        var output = new TextBuffer(state);
        for (var at = 0; at < format.Length; at++)
        {
            var start = at;
            while (format[start] == '%' && at + 1 < format.Length && "-_0^".Contains(format[at + 1], StringComparison.Ordinal))
            {
                at++;
            }

            if (format[start] != '%' || at + 1 >= format.Length)
            {
                output.Append(format.AsSpan(start, at + 1 - start));
                continue;
            }

            at++;
            output.Append(Directive(format[at], format[(start + 1)..at], now, state) ?? format[start..(at + 1)]);
        }

        return output.ToValue();
    }

    private static string? Directive(char directive, string flags, DateTimeOffset now, RenderState state)
    {
        var text = Number(directive, flags, now) ?? Name(directive, now)
            ?? (Compound(directive) is string format ? Format(format, now, state).Text : null);
        return text is not null && flags.Contains('^') ? text.ToUpperInvariant() : text;
    }

    private static string? Number(char directive, string flags, DateTimeOffset now)
    {
        var hour12 = ((now.Hour + 11) % 12) + 1;
        (int Value, int Width, char Fill)? number = directive switch
        {
            'd' => (now.Day, 2, '0'),
            'e' => (now.Day, 2, ' '),
            'm' => (now.Month, 2, '0'),
            'y' => (now.Year % 100, 2, '0'),
            'Y' => (now.Year, 1, '0'),
            'C' => (now.Year / 100, 2, '0'),
            'H' => (now.Hour, 2, '0'),
            'k' => (now.Hour, 2, ' '),
            'I' => (hour12, 2, '0'),
            'l' => (hour12, 2, ' '),
            'M' => (now.Minute, 2, '0'),
            'S' => (now.Second, 2, '0'),
            'f' => ((int)(now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond), 6, '0'),
            'j' => (now.DayOfYear, 3, '0'),
            'w' => ((int)now.DayOfWeek, 1, '0'),
            'u' => ((((int)now.DayOfWeek + 6) % 7) + 1, 1, '0'),
            'U' => ((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7, 2, '0'),
            'W' => ((now.DayOfYear + 6 - (((int)now.DayOfWeek + 6) % 7)) / 7, 2, '0'),
            'V' => (ISOWeek.GetWeekOfYear(now.DateTime), 2, '0'),
            'G' => (ISOWeek.GetYear(now.DateTime), 1, '0'),
            'g' => (ISOWeek.GetYear(now.DateTime) % 100, 2, '0'),
            _ => null,
        };
        if (number is not var (value, width, fill))
        {
            return null;
        }

        var padding = flags.AsSpan().LastIndexOfAny("-_0") is var at and >= 0 ? flags[at] : fill;
        var text = value.ToString(CultureInfo.InvariantCulture);
        return padding == '-' ? text : text.PadLeft(width, padding == '_' ? ' ' : padding);
    }

    private static string? Name(char directive, DateTimeOffset now) => directive switch
    {
        'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
        'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
        'b' or 'h' => now.ToString("MMM", CultureInfo.InvariantCulture),
        'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
        'p' => now.Hour < 12 ? "AM" : "PM",
        'P' => now.Hour < 12 ? "am" : "pm",
        's' => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string? Compound(char directive) => directive switch
    {
        'c' => "%a %b %e %H:%M:%S %Y",
        'D' or 'x' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        'T' or 'X' => "%H:%M:%S",
        _ => null,
    };
}
