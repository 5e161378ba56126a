using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Filters on texts; most take any value and read it as text.</summary>
internal static class TextFilters
{
    public static IEnumerable<Builtin> All()
    {
        yield return Change("upper", Casing.Upper);
        yield return Change("lower", Casing.Lower);
        yield return Change("capitalize", Casing.Capitalize);
        yield return Change("title", Casing.TitleByWords);
        yield return new Builtin("string", "s", call => call[0] is StringValue ? call[0] : new StringValue(call.AnyText(0)));
        yield return new Builtin("trim", "value, chars=", call =>
            call.Like(0, TextOperations.Strip(call.AnyText(0), call.Optional(1) is Value characters ? call.TextOf(characters) : null)));
        yield return new Builtin("replace", "s, old, new, count=", call => new StringValue(TextOperations.Replace(
            call.AnyText(0), call.AnyText(1), call.AnyText(2), call.Optional(3) is null ? -1 : call.Int(3, -1), call.State)));
        yield return new Builtin("center", "value, width=", call =>
            call.Like(0, TextOperations.Center(call.AnyText(0), call.Int(1, 80), " ", call.State)));
        yield return new Builtin("indent", "s, width=, first=, blank=", Indent);
        yield return new Builtin("truncate", "s, length=, killwords=, end=, leeway=", Truncate);
        yield return new Builtin("wordcount", "s", call => Call.Number(CountWords(call.AnyText(0))));
        yield return new Builtin("format", "value, *, **", Format);
    }

    private static Builtin Change(string name, Func<string, string> change) => new(name, "s", call => call.Like(0, change(call.AnyText(0))));

    /// <summary>Indents all lines but the first, and no blank ones, unless asked to.</summary>
    private static StringValue Indent(Call call)
    {
        var indentation = call.Given(1) is StringValue text ? text.Text : new TextBuffer(call.State).Append(' ', call.Int(1, 4)).ToString();
        var (indentsFirst, indentsBlank) = (call.Flag(2), call.Flag(3));
        var lines = TextOperations.Lines(call.Text(0) + "\n", keepEnds: false, call.State);
        var output = new TextBuffer(call.State);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = ((StringValue)lines[i]).Text;
            var isIndented = i == 0 ? indentsFirst : indentsBlank || line.Length > 0;
            output.Append(i == 0 ? "" : "\n").Append(isIndented ? indentation : "").Append(line);
        }

        return output.ToValue(call[0] is StringValue { IsMarkup: true });
    }

    private static Value Truncate(Call call)
    {
        var (length, end) = (call.Int(1, 255), call.Text(3, "..."));
        var leeway = call.Optional(4) is null ? 5 : call.Int(4, 5);
        var kept = length - CodePoints.Count(end);
        if (kept < 0 || leeway < 0)
        {
            throw new TemplateFault("AssertionError: truncate needs length >= the end's length, and leeway >= 0");
        }

        var found = call[0].Length ?? throw TemplateFault.Type($"object of type '{call[0].TypeName}' has no len()");
        if (found <= (long)length + leeway)
        {
            return call[0];
        }

        var cut = CodePoints.Slice(call.Text(0), 0, kept);
        var space = call.Flag(2) ? -1 : cut.LastIndexOf(' ');
        return call.State.Text((space < 0 ? cut : cut[..space]) + end);
    }

    private static int CountWords(string text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            count += Character.IsWord(text[i]) && (i == 0 || !Character.IsWord(text[i - 1])) ? 1 : 0;
        }

        return count;
    }

    private static StringValue Format(Call call)
    {
        var (positional, keywords) = call.Rest;
        if (positional.Count > 0 && keywords.Count > 0)
        {
            throw new TemplateFault("FilterArgumentError: can't handle positional and keyword arguments at the same time");
        }

        if (keywords.Count == 0)
        {
            return PercentFormat.Format(call.AnyText(0), new TupleValue(positional), call.State);
        }

        var mapping = new DictValue(call.State);
        foreach (var (name, value) in keywords)
        {
            mapping.Set(new StringValue(name), value);
        }

        return PercentFormat.Format(call.AnyText(0), mapping, call.State);
    }
}
