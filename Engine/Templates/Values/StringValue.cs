using System.Numerics;
using System.Text;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>A text. Its length, its elements and its slices count code points, as Python's do.</summary>
/// <param name="isMarkup">Whether it is HTML (<c>safe</c>, <c>escape</c>): then text that is added to it gets escaped.</param>
internal sealed class StringValue(string text, bool isMarkup = false) : Value
{
    public static readonly StringValue Empty = new("");
    private int _length = -1;

    public string Text { get; } = text;

    public bool IsMarkup { get; } = isMarkup;

    public override string TypeName => IsMarkup ? "Markup" : "str";

    public override bool IsTrue => Text.Length > 0;

    public override int? Length => _length >= 0 ? _length : _length = CodePoints.Count(Text);

    public override IEnumerable<Value> Elements => CodePoints.Each(Text).Select(character => new StringValue(character));

    public override IReadOnlyDictionary<string, Builtin> Methods => TextMethods.All;

    public override bool IsSubscriptable => true;

    public override Value? Item(Value key, RenderState state)
    {
        if (Integers.Of(key) is not BigInteger index || Integers.Index(index, Length!.Value) is not int at)
        {
            return null;
        }

        state.Scan(Text.Length);
        return new StringValue(CodePoints.Slice(Text, at, 1), IsMarkup);
    }

    public override void WriteText(TextBuffer output, RenderState state) => output.Append(Text);

    /// <summary>In single quotes, or in double ones where that saves escapes.</summary>
    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        if (IsMarkup)
        {
            output.Append("Markup(");
        }

        var quote = Text.Contains('\'') && !Text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        for (var at = 0; at < Text.Length;)
        {
            var isWhole = Rune.TryGetRuneAt(Text, at, out var rune);
            var length = isWhole ? rune.Utf16SequenceLength : 1;
            WriteCharacter(output, Text.AsSpan(at, length), isWhole ? rune.Value : Text[at], isWhole && Character.IsPrintable(rune), quote);
            at += length;
        }

        output.Append(quote);
        if (IsMarkup)
        {
            output.Append(')');
        }
    }

    private static void WriteCharacter(TextBuffer output, ReadOnlySpan<char> text, int code, bool isPrintable, char quote)
    {
        if (code == quote || code == '\\')
        {
            output.Append('\\').Append(text);
        }
        else if (isPrintable)
        {
            output.Append(text);
        }
        else
        {
            output.Append(code switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < 0x100 => $"\\x{code:x2}",
                < 0x10000 => $"\\u{code:x4}",
                _ => $"\\U{code:x8}",
            });
        }
    }
}
