using System.Globalization;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>
/// Python's <c>str.format</c>: <c>{[name][.attribute|[index]]…[!conversion][:spec]}</c>, where the spec may hold fields again. Attributes are
/// looked up as templates do it, so the sandbox holds.
/// </summary>
internal sealed class BraceFormat(Arguments arguments, RenderState state)
{
    private int? _automatic;
    private bool _isManual;

    public static StringValue Format(string format, Arguments arguments, RenderState state)
    {
        var output = new TextBuffer(state);
        new BraceFormat(arguments, state).Write(format, output, depth: 0);
        return output.ToValue();
    }

    private void Write(string format, TextBuffer output, int depth)
    {
        if (depth > 2)
        {
            throw TemplateFault.Value("Max string recursion exceeded");
        }

        for (var at = 0; at < format.Length;)
        {
            var c = format[at];
            if (c is not ('{' or '}'))
            {
                var next = format.AsSpan(at).IndexOfAny('{', '}');
                output.Append(format.AsSpan(at, next < 0 ? format.Length - at : next));
                at = next < 0 ? format.Length : at + next;
            }
            else if (at + 1 < format.Length && format[at + 1] == c)
            {
                output.Append(c);
                at += 2;
            }
            else if (c == '}')
            {
                throw TemplateFault.Value("Single '}' encountered in format string");
            }
            else
            {
                var end = FieldEnd(format, at + 1);
                WriteField(format[(at + 1)..end], output, depth);
                at = end + 1;
            }
        }
    }

    private static int FieldEnd(string format, int start)
    {
        var open = 1;
        for (var at = start; at < format.Length; at++)
        {
            open += format[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (open == 0)
            {
                return at;
            }
        }

        throw TemplateFault.Value("expected '}' before end of string");
    }

    private void WriteField(string field, TextBuffer output, int depth)
    {
        state.Step();
        var nameEnd = NameEnd(field);
        var value = Resolve(field[..nameEnd]);
        var rest = field[nameEnd..];
        if (rest.StartsWith('!'))
        {
            value = rest.Length > 1 && (rest.Length == 2 || rest[2] == ':')
                ? Convert(value, rest[1])
                : throw TemplateFault.Value("expected ':' after conversion specifier");
            rest = rest[2..];
        }

        var spec = new TextBuffer(state);
        Write(rest.Length > 0 ? rest[1..] : "", spec, depth + 1);
        ValueFormat.Write(value, FormatSpec.Parse(spec.ToString()), output, state);
    }

    /// <summary>A name ends at <c>!</c> or <c>:</c> outside of brackets.</summary>
    private static int NameEnd(string field)
    {
        var isIndex = false;
        for (var at = 0; at < field.Length; at++)
        {
            isIndex = field[at] == '[' || (isIndex && field[at] != ']');
            if (!isIndex && field[at] is '!' or ':')
            {
                return at;
            }
        }

        return field.Length;
    }

    private Value Resolve(string path)
    {
        var end = path.AsSpan().IndexOfAny('.', '[');
        var value = First(end < 0 ? path : path[..end]);
        for (var at = end < 0 ? path.Length : end; at < path.Length;)
        {
            var isIndex = path[at] == '[';
            var close = isIndex ? path.IndexOf(']', at) : path.AsSpan(at + 1).IndexOfAny('.', '[') is var next and >= 0 ? at + 1 + next : path.Length;
            if (close <= at + 1)
            {
                throw TemplateFault.Value("Empty attribute in format string");
            }

            var name = path[(at + 1)..close];
            value = !isIndex ? Lookup.Attribute(value, name, state)
                : Lookup.Item(value, Position(name) is int index ? new IntValue(index) : new StringValue(name), state);
            at = isIndex ? close + 1 : close;
        }

        return value;
    }

    private Value First(string name)
    {
        if (name.Length == 0 || Position(name) is int)
        {
            var isAutomatic = name.Length == 0;
            if (isAutomatic ? _isManual : _automatic is not null)
            {
                throw TemplateFault.Value("cannot mix automatic field numbering and manual field specification");
            }

            _isManual |= !isAutomatic;
            var index = isAutomatic ? (int)(_automatic = (_automatic ?? -1) + 1) : Position(name)!.Value;
            return index < arguments.Positional.Count
                ? arguments.Positional[index]
                : throw new TemplateFault($"IndexError: Replacement index {index} out of range for positional args tuple");
        }

        return arguments.Keyword(name) ?? throw new TemplateFault($"KeyError: '{name}'");
    }

    private StringValue Convert(Value value, char conversion)
    {
        if (conversion == 's')
        {
            return new StringValue(value.ToText(state));
        }

        var repr = new TextBuffer(state);
        value.WriteRepr(repr, state);
        return conversion is 'r' or 'a' ? repr.ToValue() : throw TemplateFault.Value($"Unknown conversion specifier '{conversion}'");
    }

    private static int? Position(string name) => name.Length > 0 && name.All(char.IsAsciiDigit)
        && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
}
