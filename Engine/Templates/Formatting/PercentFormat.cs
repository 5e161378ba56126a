using System.Numerics;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Formatting;

/// <summary>Python's <c>text % values</c>: <c>%[(key)][flags][width][.precision]type</c>, also behind the <c>format</c> filter.</summary>
internal sealed class PercentFormat
{
    private readonly string _format;
    private readonly RenderState _state;
    private readonly TextBuffer _output;
    private readonly IReadOnlyList<Value> _values;
    private readonly Value _mapping;
    private int _at;
    private int _used;

    private PercentFormat(string format, Value values, RenderState state)
    {
        (_format, _mapping, _state) = (format, values, state);
        _output = new TextBuffer(state);
        _values = values is TupleValue several ? several.Items : [values];
    }

    public static StringValue Format(string format, Value values, RenderState state)
    {
        var formatter = new PercentFormat(format, values, state);
        formatter.Run();
        return formatter._output.ToValue();
    }

    private void Run()
    {
        while (_format.IndexOf('%', _at) is var percent and >= 0)
        {
            _state.Step();
            _output.Append(_format.AsSpan(_at, percent - _at));
            _at = percent + 1;
            Conversion();
        }

        _output.Append(_format.AsSpan(_at));
        // Whatever could be a mapping need not be used up.
        if (_used < _values.Count && _mapping is not (DictValue or ListValue or RangeValue or UndefinedValue))
        {
            throw TemplateFault.Type("not all arguments converted during string formatting");
        }
    }

    private void Conversion()
    {
        var keyed = Key();
        var flags = Flags();
        var width = Number();
        flags = width < 0 ? flags + '-' : flags;
        int? precision = null;
        if (Current == '.')
        {
            _at++;
            precision = Math.Max(0, Number());
        }

        while (Current is 'h' or 'l' or 'L')
        {
            _at++;
        }

        var type = Current;
        _at++;
        if (type == '%')
        {
            _output.Append('%');
            return;
        }

        var spec = new FormatSpec
        {
            Align = flags.Contains('-') ? '<' : '>',
            Sign = flags.Contains('+') ? '+' : flags.Contains(' ') ? ' ' : '-',
            IsAlternate = flags.Contains('#'),
            Width = Math.Abs(width),
            Precision = precision,
        };
        spec = flags.Contains('0') && spec.Align == '>' && type is not ('s' or 'r' or 'a' or 'c') ? spec with { Fill = '0', Align = '=' } : spec;
        Write(keyed ?? NextValue(), type, spec);
    }

    private void Write(Value value, char type, FormatSpec spec)
    {
        switch (type)
        {
            case 's':
                ValueFormat.WriteText(value.ToText(_state), spec, _output);
                break;
            case 'r' or 'a':
                var repr = new TextBuffer(_state);
                value.WriteRepr(repr, _state);
                ValueFormat.WriteText(repr.ToString(), spec, _output);
                break;
            case 'c':
                WriteCharacter(value, spec);
                break;
            case 'd' or 'i' or 'u':
                WriteInteger(Whole(value), spec with { Type = 'd' });
                break;
            case 'x' or 'X' or 'o':
                WriteInteger(Integers.Of(value) ?? throw Mismatch(type, "an integer", value), spec with { Type = type });
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                ValueFormat.WriteFloat(Real(value, type), spec with { Type = type }, _output);
                break;
            default:
                throw TemplateFault.Value($"unsupported format character at index {_at - 1}");
        }
    }

    /// <summary>Here a precision means digits, at least so many.</summary>
    private void WriteInteger(BigInteger number, FormatSpec spec)
    {
        var least = FormatSpec.Bounded(spec.Precision ?? 0);
        if (least == 0)
        {
            ValueFormat.WriteInteger(number, spec, _output);
            return;
        }

        var padded = new TextBuffer(_state);
        var digits = new FormatSpec { Type = spec.Type, Sign = spec.Sign, Fill = '0', Align = '=', Width = least + (number.Sign < 0 || spec.Sign != '-' ? 1 : 0) };
        ValueFormat.WriteInteger(number, digits, padded);
        ValueFormat.WriteText(padded.ToString(), new FormatSpec { Align = spec.Align == '=' ? '>' : spec.Align, Width = spec.Width }, _output);
    }

    private void WriteCharacter(Value value, FormatSpec spec)
    {
        if (value is StringValue text)
        {
            ValueFormat.WriteText(text.Length == 1 ? text.Text : throw TemplateFault.Type("%c requires int or char"), spec, _output);
            return;
        }

        ValueFormat.WriteInteger(Integers.Of(value) ?? throw TemplateFault.Type("%c requires int or char"), spec with { Type = 'c' }, _output);
    }

    private static BigInteger Whole(Value value) => value is FloatValue { Number: var number }
        ? new BigInteger(double.IsFinite(number) ? number : throw new TemplateFault("OverflowError: cannot convert float infinity to integer"))
        : Integers.Of(value) ?? throw Mismatch('d', "a real number", value);

    private static double Real(Value value, char type) => value is FloatValue real
        ? real.Number
        : Arithmetic.ToDouble(Integers.Of(value) ?? throw Mismatch(type, "a real number", value));

    private static TemplateFault Mismatch(char type, string expected, Value value) => value is UndefinedValue undefined
        ? undefined.Fault()
        : TemplateFault.Type($"%{type} format: {expected} is required, not {value.TypeName}");

    private Value? Key()
    {
        if (Current != '(')
        {
            return null;
        }

        var start = _at + 1;
        var open = 0;
        do
        {
            open += Current switch { '(' => 1, ')' => -1, _ => 0 };
            _at++;
        }
        while (open > 0);
        var key = new StringValue(_format[start..(_at - 1)]);
        _used = _values.Count;
        return _mapping is DictValue dict
            ? dict.Find(key) ?? throw new TemplateFault($"KeyError: '{key.Text}'")
            : throw TemplateFault.Type("format requires a mapping");
    }

    private string Flags()
    {
        var start = _at;
        while ("-+ #0".Contains(Current, StringComparison.Ordinal))
        {
            _at++;
        }

        return _format[start.._at];
    }

    /// <summary>A width or precision: digits, or <c>*</c> for the next value.</summary>
    private int Number()
    {
        if (Current != '*')
        {
            return FormatSpec.TakeNumber(_format, ref _at) ?? 0;
        }

        _at++;
        return Integers.Saturate(Integers.Of(NextValue()) ?? throw TemplateFault.Type("* wants int"));
    }

    private Value NextValue() => _used < _values.Count ? _values[_used++] : throw TemplateFault.Type("not enough arguments for format string");

    private char Current => _at < _format.Length ? _format[_at] : throw TemplateFault.Value("incomplete format");
}
