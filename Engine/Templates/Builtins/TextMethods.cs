using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>The methods of Python's <c>str</c>, except those that make bytes or tables.</summary>
internal static class TextMethods
{
    public static readonly FrozenDictionary<string, Builtin> All =
        Builtin.Table([.. Cases(), .. Cuts(), .. Searches(), .. Paddings(), .. Predicates(), .. Formats()]);

    private static IEnumerable<Builtin> Cases()
    {
        (string Name, Func<string, string> Change)[] cases =
        [
            ("upper", Casing.Upper), ("lower", Casing.Lower), ("casefold", text => Casing.Lower(text.Replace("ß", "ss", StringComparison.Ordinal))),
            ("capitalize", Casing.Capitalize), ("title", Casing.TitleByLetters), ("swapcase", Casing.SwapCase),
        ];
        return cases.Select(entry => new Builtin(entry.Name, "self, /", call => call.Like(0, entry.Change(call.Text(0)))));
    }

    private static IEnumerable<Builtin> Cuts()
    {
        yield return Strip("strip", atStart: true, atEnd: true);
        yield return Strip("lstrip", atStart: true, atEnd: false);
        yield return Strip("rstrip", atStart: false, atEnd: true);
        yield return new Builtin("split", "self, sep=, maxsplit=", call => Split(call, fromRight: false));
        yield return new Builtin("rsplit", "self, sep=, maxsplit=", call => Split(call, fromRight: true));
        yield return new Builtin("splitlines", "self, keepends=", call => new ListValue(TextOperations.Lines(call.Text(0), call.Flag(1), call.State)));
        yield return new Builtin("partition", "self, sep, /", call => Partition(call, fromRight: false));
        yield return new Builtin("rpartition", "self, sep, /", call => Partition(call, fromRight: true));
        yield return new Builtin("removeprefix", "self, prefix, /", call => call.Like(0, RemovePrefix(call.Text(0), call.Text(1))));
        yield return new Builtin("removesuffix", "self, suffix, /", call => call.Like(0, RemoveSuffix(call.Text(0), call.Text(1))));
        yield return new Builtin("replace", "self, old, new, count=, /", call =>
            call.Like(0, TextOperations.Replace(call.Text(0), call.Text(1), call.Text(2), call.Int(3, -1), call.State)));
    }

    private static IEnumerable<Builtin> Searches()
    {
        yield return Search("find", fromRight: false, mustExist: false);
        yield return Search("rfind", fromRight: true, mustExist: false);
        yield return Search("index", fromRight: false, mustExist: true);
        yield return Search("rindex", fromRight: true, mustExist: true);
        yield return new Builtin("count", "self, sub, start=, end=, /", Count);
        yield return Affix("startswith", (text, affix) => text.StartsWith(affix, StringComparison.Ordinal));
        yield return Affix("endswith", (text, affix) => text.EndsWith(affix, StringComparison.Ordinal));
    }

    private static IEnumerable<Builtin> Paddings()
    {
        yield return new Builtin("center", "self, width, fillchar=, /", call =>
            call.Like(0, TextOperations.Center(call.Text(0), call.Int(1, 0), call.Text(2, " "), call.State)));
        yield return new Builtin("ljust", "self, width, fillchar=, /", call =>
            call.Like(0, TextOperations.Pad(call.Text(0), 0, Missing(call), call.Text(2, " "), call.State)));
        yield return new Builtin("rjust", "self, width, fillchar=, /", call =>
            call.Like(0, TextOperations.Pad(call.Text(0), Missing(call), 0, call.Text(2, " "), call.State)));
        yield return new Builtin("zfill", "self, width, /", FillZeros);
        yield return new Builtin("expandtabs", "self, tabsize=", ExpandTabs);
    }

    private static IEnumerable<Builtin> Predicates()
    {
        (string Name, Func<string, bool> Test)[] tests =
        [
            ("isupper", Casing.IsUpper), ("islower", Casing.IsLower), ("istitle", Casing.IsTitle),
            ("isascii", text => Ascii.IsValid(text)), ("isspace", text => text.Length > 0 && text.All(Character.IsSpace)),
            ("isprintable", text => text.EnumerateRunes().All(Character.IsPrintable)),
            ("isidentifier", text => text.Length > 0 && text.All(Character.IsWord) && !char.IsDigit(text[0])),
            ("isalpha", text => ConsistsOf(text, Rune.IsLetter)), ("isalnum", text => ConsistsOf(text, rune => Rune.IsLetter(rune) || IsNumeric(rune))),
            ("isdecimal", text => ConsistsOf(text, Rune.IsDigit)), ("isdigit", text => ConsistsOf(text, IsDigit)), ("isnumeric", text => ConsistsOf(text, IsNumeric)),
        ];
        return tests.Select(entry => new Builtin(entry.Name, "self, /", call => Call.Bool(entry.Test(call.Text(0)))));
    }

    private static IEnumerable<Builtin> Formats()
    {
        yield return new Builtin("format", "self, *, **", call => BraceFormat.Format(call.Text(0), call.Rest, call.State));
        yield return new Builtin("format_map", "self, mapping, /", FormatMap);
        yield return new Builtin("join", "self, iterable, /", call =>
            call.Like(0, TextOperations.Join(call.Text(0), call.State.Iterate(call[1]).Select(call.TextOf), call.State)));
    }

    private static Builtin Strip(string name, bool atStart, bool atEnd) => new(name, "self, chars=, /", call =>
        call.Like(0, TextOperations.Strip(call.Text(0), call.Optional(1) is Value characters ? call.TextOf(characters) : null, atStart, atEnd)));

    private static ListValue Split(Call call, bool fromRight)
    {
        var limit = call.Int(2, -1);
        return new ListValue(call.Optional(1) is Value separator
            ? TextOperations.Split(call.Text(0), call.TextOf(separator), limit, fromRight, call.State)
            : TextOperations.SplitWords(call.Text(0), limit, fromRight, call.State));
    }

    private static TupleValue Partition(Call call, bool fromRight)
    {
        var pieces = TextOperations.Split(call.Text(0), call.Text(1), 1, fromRight, call.State);
        return pieces.Count == 2 ? new TupleValue([pieces[0], call[1], pieces[1]])
            : fromRight ? new TupleValue([StringValue.Empty, StringValue.Empty, pieces[0]])
            : new TupleValue([pieces[0], StringValue.Empty, StringValue.Empty]);
    }

    private static string RemovePrefix(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string RemoveSuffix(string text, string suffix) => text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    /// <summary>The part between the optional positions <c>start</c> and <c>end</c>, and the start's code point; null if start is past the end.</summary>
    private static (string Part, int Start)? Window(Call call)
    {
        var (start, end) = (call.Given(2) ?? NoneValue.Instance, call.Given(3) ?? NoneValue.Instance);
        var text = call.Text(0);
        if (start is NoneValue && end is NoneValue)
        {
            return (text, 0);
        }

        var length = CodePoints.Count(text);
        var bounds = SliceBounds.Resolve(start, end, NoneValue.Instance, length);
        return start is not NoneValue && call.Int(2, 0) > length ? null : (CodePoints.Slice(text, bounds.Start, bounds.Count), bounds.Start);
    }

    private static Builtin Search(string name, bool fromRight, bool mustExist) => new(name, "self, sub, start=, end=, /", call =>
    {
        var part = call.Text(1);
        var window = Window(call);
        var at = window is not var (text, _) ? -1 : fromRight
            ? text.LastIndexOf(part, StringComparison.Ordinal)
            : text.IndexOf(part, StringComparison.Ordinal);
        return at >= 0 ? Call.Number(window!.Value.Start + CodePoints.IndexOf(window.Value.Part, at))
            : mustExist ? throw TemplateFault.Value("substring not found")
            : Call.Number(-1);
    });

    private static IntValue Count(Call call)
    {
        var part = call.Text(1);
        if (Window(call) is not var (text, _))
        {
            return Call.Number(0);
        }

        return Call.Number(part.Length == 0 ? CodePoints.Count(text) + 1 : text.AsSpan().Count(part));
    }

    private static Builtin Affix(string name, Func<string, string, bool> test) => new(name, "self, affix, start=, end=, /", call =>
    {
        var affixes = call[1] is TupleValue several ? several.Items.Select(call.TextOf) : [call.Text(1)];
        return Call.Bool(Window(call) is var (text, _) && affixes.Any(affix => test(text, affix)));
    });

    private static int Missing(Call call) => Math.Max(0, call.Int(1, 0) - call[0].Length!.Value);

    private static StringValue FillZeros(Call call)
    {
        var text = call.Text(0);
        var sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        return call.Like(0, text[..sign] + TextOperations.Pad(text[sign..], Missing(call), 0, "0", call.State));
    }

    private static StringValue ExpandTabs(Call call)
    {
        var size = call.Int(1, 8);
        var output = new TextBuffer(call.State);
        var column = 0;
        foreach (var character in CodePoints.Each(call.Text(0)))
        {
            var width = character == "\t" ? (size > 0 ? size - (column % size) : 0) : 1;
            output.Append(character == "\t" ? "" : character).Append(' ', character == "\t" ? width : 0);
            column = character is "\n" or "\r" ? 0 : column + width;
        }

        return output.ToValue();
    }

    private static StringValue FormatMap(Call call)
    {
        var entries = call[1] as DictValue ?? throw TemplateFault.Type("format_map() argument must be a dict");
        var keywords = entries.Items.Where(entry => entry.Key is StringValue)
            .Select(entry => KeyValuePair.Create(((StringValue)entry.Key).Text, entry.Value));
        return BraceFormat.Format(call.Text(0), new Arguments([], [.. keywords]), call.State);
    }

    private static bool ConsistsOf(string text, Func<Rune, bool> test) => text.Length > 0 && text.EnumerateRunes().All(test);

    private static bool IsDigit(Rune rune) => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0;

    private static bool IsNumeric(Rune rune) => Rune.IsNumber(rune) || Rune.GetNumericValue(rune) >= 0;
}
