using System.Globalization;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>
/// The <c>tojson</c> filter as transformers defines it: Python's <c>json.dumps</c> with <c>ensure_ascii=False</c>, not Jinja's own, which
/// escapes for HTML and sorts the keys.
/// </summary>
internal sealed class JsonFormat
{
    private readonly RenderState _state;
    private readonly TextBuffer _output;
    private readonly bool _isAscii;
    private readonly bool _sortsKeys;
    private readonly string? _indentation;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;

    private JsonFormat(Call call)
    {
        _state = call.State;
        _output = new TextBuffer(_state);
        _isAscii = call.Flag(1);
        _sortsKeys = call.Flag(4);
        _indentation = call.Optional(2) switch
        {
            null => null,
            StringValue text => text.Text,
            var width => new TextBuffer(_state).Append(' ', Integers.Saturate(Call.Integer(width))).ToString(),
        };
        (_itemSeparator, _keySeparator) = _indentation is null ? (", ", ": ") : (",", ": ");
        if (call.Optional(3) is Value separators)
        {
            (_itemSeparator, _keySeparator) = _state.ToList(separators) is [var item, var key]
                ? (call.TextOf(item), call.TextOf(key))
                : throw TemplateFault.Value("separators must be two texts");
        }
    }

    /// <summary>Arguments: the value, ensure_ascii, indent, separators, sort_keys.</summary>
    public static StringValue Format(Call call)
    {
        var json = new JsonFormat(call);
        json.Write(call[0], 0);
        return json._output.ToValue();
    }

    private void Write(Value value, int depth)
    {
        _state.Step();
        RenderState.CheckStack();
        switch (value)
        {
            case StringValue text:
                WriteText(text.Text);
                break;
            case NoneValue or BoolValue or IntValue or FloatValue:
                _output.Append(Scalar(value));
                break;
            case SequenceValue sequence:
                WriteGroup('[', ']', sequence.Items, depth, item => Write(item, depth + 1));
                break;
            case DictValue dict:
                WriteGroup('{', '}', Entries(dict), depth, entry =>
                {
                    WriteText(Key(entry.Key));
                    _output.Append(_keySeparator);
                    Write(entry.Value, depth + 1);
                });
                break;
            default:
                throw TemplateFault.Type($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void WriteGroup<T>(char open, char close, IReadOnlyCollection<T> items, int depth, Action<T> write)
    {
        _output.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            _output.Append(isFirst ? "" : _itemSeparator);
            NewLine(depth + 1);
            write(item);
            isFirst = false;
        }

        if (!isFirst)
        {
            NewLine(depth);
        }

        _output.Append(close);
    }

    private void NewLine(int depth)
    {
        if (_indentation is null)
        {
            return;
        }

        _output.Append('\n');
        for (var i = 0; i < depth; i++)
        {
            _output.Append(_indentation);
        }
    }

    private IReadOnlyCollection<KeyValuePair<Value, Value>> Entries(DictValue dict)
    {
        if (!_sortsKeys)
        {
            return dict.Items;
        }

        var keys = Ordering.Sort([.. dict.Items.Keys], key => key, isDescending: false, _state);
        return keys.ConvertAll(key => KeyValuePair.Create(key, dict.Items[key]));
    }

    private string Key(Value key) => key switch
    {
        StringValue text => text.Text,
        NoneValue or BoolValue or IntValue or FloatValue => Scalar(key),
        _ => throw TemplateFault.Type($"keys must be str, int, float, bool or None, not {key.TypeName}"),
    };

    private string Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue => value.IsTrue ? "true" : "false",
        FloatValue { Number: var number } when !double.IsFinite(number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        _ => value.ToText(_state),
    };

    /// <summary>Escapes quotes, backslashes and control characters; everything beyond ASCII only where asked.</summary>
    private void WriteText(string text)
    {
        _output.Append('"');
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var escape = Escape(text[i]);
            if (escape is not null)
            {
                _output.Append(text.AsSpan(start, i - start)).Append(escape);
                start = i + 1;
            }
        }

        _output.Append(text.AsSpan(start)).Append('"');
    }

    private string? Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        >= '\u007F' when _isAscii => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => null,
    };
}
