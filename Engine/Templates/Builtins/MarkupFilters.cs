using System.Globalization;
using System.Net;
using System.Text;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Filters for HTML and URLs. Nothing is escaped unless a template asks for it.</summary>
internal static class MarkupFilters
{
    public static IEnumerable<Builtin> All()
    {
        yield return new Builtin("safe", "value", call => new StringValue(call.AnyText(0), isMarkup: true));
        yield return new Builtin("e", "s", call => Escape(call, evenMarkup: false));
        yield return new Builtin("escape", "s", call => Escape(call, evenMarkup: false));
        yield return new Builtin("forceescape", "value", call => Escape(call, evenMarkup: true));
        yield return new Builtin("striptags", "value", StripTags);
        yield return new Builtin("urlencode", "value", UrlEncode);
        yield return new Builtin("xmlattr", "d, autospace=", XmlAttributes);
    }

    private static StringValue Escape(Call call, bool evenMarkup) => new(Markup.Escape(call[0], call.State, evenMarkup), isMarkup: true);

    /// <summary>Without comments and tags, white space as single blanks, and entities as what they stand for.</summary>
    private static StringValue StripTags(Call call)
    {
        var text = CutOut(CutOut(call.AnyText(0), "<!--", "-->"), "<", ">");
        var words = TextOperations.SplitWords(text, -1, fromRight: false, call.State);
        return call.State.Text(WebUtility.HtmlDecode(string.Join(' ', words.Select(word => ((StringValue)word).Text))));
    }

    private static string CutOut(string text, string open, string close)
    {
        var rest = new StringBuilder();
        var from = 0;
        while (text.IndexOf(open, from, StringComparison.Ordinal) is var start and >= 0
            && text.IndexOf(close, start, StringComparison.Ordinal) is var end and >= 0)
        {
            rest.Append(text, from, start - from);
            from = end + close.Length;
        }

        return rest.Append(text, from, text.Length - from).ToString();
    }

    private static StringValue UrlEncode(Call call)
    {
        if (call[0] is StringValue or { Elements: null })
        {
            return call.State.Text(Quote(call.AnyText(0), isQuery: false, call.State));
        }

        var pairs = call[0] is DictValue dict ? dict.Items.Select(CollectionMethods.Pair) : call.State.Iterate(call[0]);
        var parts = pairs.Select(pair => call.State.ToList(pair) is [var key, var value]
            ? $"{Quote(key.ToText(call.State), true, call.State)}={Quote(value.ToText(call.State), true, call.State)}"
            : throw TemplateFault.Value("urlencode needs pairs"));
        return new StringValue(TextOperations.Join("&", parts, call.State));
    }

    /// <summary>Percent encoding of all but letters, digits and <c>_.-~</c>; a path keeps <c>/</c>, a query writes blanks as <c>+</c>.</summary>
    private static string Quote(string text, bool isQuery, RenderState state)
    {
        var output = new TextBuffer(state);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || "_.-~".Contains(c, StringComparison.Ordinal) || (c == '/' && !isQuery))
            {
                output.Append(c);
            }
            else
            {
                output.Append(c == ' ' && isQuery ? "+" : string.Create(CultureInfo.InvariantCulture, $"%{b:X2}"));
            }
        }

        return output.ToString();
    }

    private static StringValue XmlAttributes(Call call)
    {
        var dict = call[0] as DictValue ?? throw TemplateFault.Type("xmlattr needs a mapping");
        var output = new TextBuffer(call.State);
        foreach (var (key, value) in dict.Items)
        {
            if (value is NoneValue or UndefinedValue)
            {
                continue;
            }

            var name = call.TextOf(key);
            if (name.Any(c => c is '/' or '>' or '=' || (c < 0x80 && Character.IsSpace(c))))
            {
                throw TemplateFault.Value("invalid character in attribute name");
            }

            output.Append(output.Length > 0 || call.Given(1) is null || call.Flag(1) ? " " : "");
            output.Append(Markup.Escape(key, call.State)).Append("=\"").Append(Markup.Escape(value, call.State)).Append('"');
        }

        return output.ToValue();
    }
}
