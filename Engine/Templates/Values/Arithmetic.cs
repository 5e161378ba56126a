using System.Numerics;
using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Python's operators on numbers, texts and sequences.</summary>
internal static class Arithmetic
{
    public static Value Add(Value left, Value right, RenderState state) => (left, right) switch
    {
        (StringValue l, StringValue r) => Concatenate(l, r, state),
        (ListValue l, ListValue r) => Join(l, r, state),
        (TupleValue l, TupleValue r) => Join(l, r, state),
        (StringValue, not UndefinedValue) => throw TemplateFault.Type($"can only concatenate str (not \"{right.TypeName}\") to str"),
        _ => Numbers("+", left, right, (l, r) => l + r, (l, r) => l + r),
    };

    public static Value Subtract(Value left, Value right, RenderState state) => Numbers("-", left, right, (l, r) => l - r, (l, r) => l - r);

    public static Value Multiply(Value left, Value right, RenderState state) => (left, right) switch
    {
        (StringValue or SequenceValue, _) when Integers.Of(right) is BigInteger count => Repeat(left, count, state),
        (_, StringValue or SequenceValue) when Integers.Of(left) is BigInteger count => Repeat(right, count, state),
        _ => Numbers("*", left, right, MultiplyIntegers, (l, r) => l * r),
    };

    /// <summary>Always a float.</summary>
    public static Value Divide(Value left, Value right, RenderState state)
    {
        Func<double, double, double> divide = (l, r) => r != 0 ? l / r : throw DivisionByZero();
        return Numbers("/", left, right, null, divide);
    }

    public static Value FloorDivide(Value left, Value right, RenderState state) => Numbers("//", left, right,
        (l, r) => (l - FloorModulo(l, r)) / r,
        (l, r) => Math.Round((l - FloorModulo(l, r)) / r));

    public static Value Modulo(Value left, Value right, RenderState state) => left is StringValue format
        ? PercentFormat.Format(format.Text, right, state)
        : Numbers("%", left, right, FloorModulo, FloorModulo);

    public static Value Power(Value left, Value right, RenderState state)
    {
        if (Integers.Of(left) is BigInteger number && Integers.Of(right) is BigInteger exponent
            && exponent.Sign >= 0)
        {
            return new IntValue(PowerOfIntegers(number, exponent));
        }

        return Numbers("** or pow()", left, right, null, PowerOfFloats);
    }

    public static Value Negate(Value value, RenderState state) => Sign("-", value, -1);

    public static Value Plus(Value value, RenderState state) => Sign("+", value, 1);

    /// <summary>An integer as a float; too large a one faults.</summary>
    public static double ToDouble(BigInteger number) =>
        (double)number is var real && double.IsFinite(real) ? real : throw new TemplateFault("OverflowError: int too large to convert to float");

    public static BigInteger Checked(BigInteger number) => number.GetBitLength() <= TemplateLimits.MaxIntegerBits
        ? number
        : throw new TemplateFault($"OverflowError: an integer has more than the {TemplateLimits.MaxIntegerBits} bits allowed");

    /// <summary>Markup stays markup, and escapes what is not.</summary>
    private static StringValue Concatenate(StringValue left, StringValue right, RenderState state)
    {
        if (!left.IsMarkup && !right.IsMarkup)
        {
            return state.Text(left.Text, right.Text);
        }

        return new TextBuffer(state).Append(Markup.Escape(left, state)).Append(Markup.Escape(right, state)).ToValue(isMarkup: true);
    }

    private static SequenceValue Join(SequenceValue left, SequenceValue right, RenderState state)
    {
        state.Step((long)left.Items.Count + right.Items.Count);
        return left.With([.. left.Items, .. right.Items]);
    }

    private static Value Repeat(Value value, BigInteger count, RenderState state)
    {
        var times = Math.Max(0, Integers.Saturate(count));
        if (value is StringValue text)
        {
            return state.Repeat(text, times);
        }

        var sequence = (SequenceValue)value;
        state.Step((long)times * sequence.Items.Count);
        var items = new List<Value>(times * sequence.Items.Count);
        for (var i = 0; i < times && sequence.Items.Count > 0; i++)
        {
            items.AddRange(sequence.Items);
        }

        return sequence.With(items);
    }

    private static Value Numbers(
        string symbol, Value left, Value right, Func<BigInteger, BigInteger, BigInteger>? integers, Func<double, double, double> floats)
    {
        if ((left as UndefinedValue ?? right as UndefinedValue) is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        if (integers is not null && Integers.Of(left) is BigInteger l && Integers.Of(right) is BigInteger r)
        {
            return new IntValue(Checked(integers(l, r)));
        }

        return ToDouble(left) is double a && ToDouble(right) is double b
            ? new FloatValue(floats(a, b))
            : throw TemplateFault.Type($"unsupported operand type(s) for {symbol}: '{left.TypeName}' and '{right.TypeName}'");
    }

    private static double? ToDouble(Value value) => value switch
    {
        FloatValue real => real.Number,
        _ => Integers.Of(value) is BigInteger number ? ToDouble(number) : null,
    };

    private static Value Sign(string symbol, Value value, int sign) => value switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue real => new FloatValue(sign * real.Number),
        _ => Integers.Of(value) is BigInteger number
            ? new IntValue(sign * number)
            : throw TemplateFault.Type($"bad operand type for unary {symbol}: '{value.TypeName}'"),
    };

    private static BigInteger MultiplyIntegers(BigInteger left, BigInteger right) => left * right;

    /// <summary>The remainder has the divisor's sign.</summary>
    private static BigInteger FloorModulo(BigInteger left, BigInteger right)
    {
        var remainder = right.IsZero ? throw DivisionByZero() : BigInteger.Remainder(left, right);
        return !remainder.IsZero && remainder.Sign != right.Sign ? remainder + right : remainder;
    }

    private static double FloorModulo(double left, double right)
    {
        var remainder = right == 0 ? throw DivisionByZero() : left % right;
        return remainder != 0 ? (remainder < 0) != (right < 0) ? remainder + right : remainder : Math.CopySign(0, right);
    }

    private static BigInteger PowerOfIntegers(BigInteger number, BigInteger exponent)
    {
        if (number.IsZero || number.IsOne || number == BigInteger.MinusOne)
        {
            return exponent.IsZero ? 1 : exponent.IsEven ? number * number : number;
        }

        return (number.GetBitLength() - 1) * exponent <= TemplateLimits.MaxIntegerBits
            ? Checked(BigInteger.Pow(number, (int)exponent))
            : throw new TemplateFault($"OverflowError: an integer has more than the {TemplateLimits.MaxIntegerBits} bits allowed");
    }

    private static double PowerOfFloats(double number, double exponent)
    {
        if (number == 0 && exponent < 0)
        {
            throw new TemplateFault("ZeroDivisionError: 0.0 cannot be raised to a negative power");
        }

        var power = Math.Pow(number, exponent);
        return double.IsFinite(power) || !double.IsFinite(number) || !double.IsFinite(exponent)
            ? power
            : throw new TemplateFault("OverflowError: the power is too large, or not a real number");
    }

    private static TemplateFault DivisionByZero() => new("ZeroDivisionError: division by zero");
}
