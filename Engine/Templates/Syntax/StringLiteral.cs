using System.Globalization;
using System.Text;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>
/// Python's escapes in string literals: <c>\n \t \\ \' \" \a \b \f \r \v \ooo \xhh \uhhhh \Uhhhhhhhh</c>, a line break after a backslash is
/// dropped, and an unknown escape stays as it is.
/// </summary>
internal static class StringLiteral
{
    private const string Simple = "ntr'\"\\abfv";
    private const string SimpleValues = "\n\t\r'\"\\\a\b\f\v";

    public static string Unescape(ReadOnlySpan<char> body, int line)
    {
        if (!body.Contains('\\'))
        {
            return body.ToString();
        }

        var text = new StringBuilder(body.Length);
        for (var at = 0; at < body.Length;)
        {
            if (body[at] != '\\')
            {
                text.Append(body[at++]);
                continue;
            }

            at++;
            at += Escape(body[at..], text, line);
        }

        return text.ToString();
    }

    /// <summary>Writes what stands after a backslash, and says how long it was. A body never ends in a single backslash.</summary>
    private static int Escape(ReadOnlySpan<char> rest, StringBuilder text, int line)
    {
        var c = rest[0];
        var simple = Simple.IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0)
        {
            text.Append(SimpleValues[simple]);
            return 1;
        }

        switch (c)
        {
            case '\n':
                return 1;
            case 'x':
                return Hexadecimal(rest, 2, text, line);
            case 'u':
                return Hexadecimal(rest, 4, text, line);
            case 'U':
                return Hexadecimal(rest, 8, text, line);
            case 'N':
                throw new TemplateFault("string escape \\N{…} is not supported; allowed: \\u and \\U", line);
            case >= '0' and <= '7':
                return Octal(rest, text);
            default:
                text.Append('\\').Append(c);
                return 1;
        }
    }

    private static int Hexadecimal(ReadOnlySpan<char> rest, int digits, StringBuilder text, int line)
    {
        if (rest.Length <= digits || !int.TryParse(rest.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code is < 0 or > 0x10FFFF)
        {
            throw new TemplateFault($"string escape \\{rest[0]} needs {digits} hexadecimal digits of a Unicode character", line);
        }

        Append(code, text);
        return digits + 1;
    }

    private static int Octal(ReadOnlySpan<char> rest, StringBuilder text)
    {
        var length = 0;
        var code = 0;
        while (length < 3 && length < rest.Length && rest[length] is >= '0' and <= '7')
        {
            code = (code * 8) + (rest[length++] - '0');
        }

        Append(code, text);
        return length;
    }

    private static void Append(int code, StringBuilder text)
    {
        if (code > char.MaxValue)
        {
            text.Append(char.ConvertFromUtf32(code));
        }
        else
        {
            text.Append((char)code);
        }
    }
}
