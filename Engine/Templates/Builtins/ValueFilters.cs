using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Filters on single values: defaults, attributes, JSON, numbers.</summary>
internal static class ValueFilters
{
    public static IEnumerable<Builtin> All()
    {
        yield return new Builtin("default", "value, default_value=, boolean=", Default);
        yield return new Builtin("d", "value, default_value=, boolean=", Default);
        yield return new Builtin("attr", "obj, name", call =>
            call[0] is UndefinedValue undefined ? throw undefined.Fault() : Lookup.AttributeOnly(call[0], call.Text(1)) ?? new UndefinedValue($"'{call[0].TypeName} object' has no attribute '{call.Text(1)}'"));
        yield return new Builtin("tojson", "x, ensure_ascii=, indent=, separators=, sort_keys=", call => JsonFormat.Format(call));
        yield return new Builtin("abs", "value, /", Absolute);
        yield return new Builtin("int", "value, default=, base=", ToInteger);
        yield return new Builtin("float", "value, default=", call => ToFloat(call[0]) ?? call.Given(1) ?? new FloatValue(0));
        yield return new Builtin("round", "value, precision=, method=", Round);
        yield return new Builtin("filesizeformat", "value, binary=", FileSize);
    }

    private static Value Default(Call call) => call[0] is UndefinedValue || (call.Flag(2) && !call[0].IsTrue)
        ? call.Given(1) ?? StringValue.Empty
        : call[0];

    private static Value Absolute(Call call) => call[0] switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue real => new FloatValue(Math.Abs(real.Number)),
        var value => Integers.Of(value) is BigInteger number
            ? new IntValue(BigInteger.Abs(number))
            : throw TemplateFault.Type($"bad operand type for abs(): '{value.TypeName}'"),
    };

    /// <summary>An integer, the whole part of a number in a text, or else the default.</summary>
    private static Value ToInteger(Call call)
    {
        var fallback = call.Given(1) ?? new IntValue(0);
        if (Integers.Of(call[0]) is BigInteger number)
        {
            return new IntValue(number);
        }

        if (call[0] is StringValue text && NumberText.ParseInteger(text.Text, call.Int(2, 10)) is BigInteger parsed)
        {
            return new IntValue(Arithmetic.Checked(parsed));
        }

        return ToFloat(call[0]) is FloatValue { Number: var real } && double.IsFinite(real)
            ? new IntValue(new BigInteger(Math.Truncate(real)))
            : fallback;
    }

    /// <summary>Null: not a number.</summary>
    private static FloatValue? ToFloat(Value value) => value switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue real => real,
        StringValue text => NumberText.ParseFloat(text.Text) is double parsed ? new FloatValue(parsed) : null,
        _ => Integers.Of(value) is BigInteger number ? new FloatValue(Arithmetic.ToDouble(number)) : null,
    };

    /// <summary>Rounds to even digits, as Python does; <c>ceil</c> and <c>floor</c> always give a float.</summary>
    private static Value Round(Call call)
    {
        var digits = call.Int(1, 0);
        var method = call.Text(2, "common");
        if (method == "common")
        {
            return Integers.Of(call[0]) is BigInteger number
                ? new IntValue(FloatFormat.RoundInteger(number, digits))
                : new FloatValue(FloatFormat.Round(NumberOf(call[0]), digits));
        }

        Func<double, double> round = method switch
        {
            "ceil" => Math.Ceiling,
            "floor" => Math.Floor,
            _ => throw new TemplateFault("FilterArgumentError: method must be common, ceil or floor"),
        };
        var scale = Math.Pow(10, digits);
        return new FloatValue(round(NumberOf(call[0]) * scale) / scale);
    }

    private static double NumberOf(Value value) => value is StringValue ? throw TemplateFault.Type("type str doesn't define __round__ method")
        : ToFloat(value)?.Number ?? throw TemplateFault.Type($"type {value.TypeName} doesn't define __round__ method");

    private static StringValue FileSize(Call call)
    {
        var isBinary = call.Flag(1);
        var size = ToFloat(call[0])?.Number ?? throw TemplateFault.Type($"float() argument must be a string or a number, not '{call[0].TypeName}'");
        double unit = isBinary ? 1024 : 1000;
        if (size < unit)
        {
            return new StringValue(size == 1 ? "1 Byte" : string.Create(CultureInfo.InvariantCulture, $"{Math.Truncate(size):F0} Bytes"));
        }

        var power = 0;
        for (size /= unit; size >= unit && power < 7; size /= unit)
        {
            power++;
        }

        return new StringValue($"{FloatFormat.Fixed(size, 1)} {(isBinary ? "KMGTPEZY" : "kMGTPEZY")[power]}{(isBinary ? "iB" : "B")}");
    }
}
