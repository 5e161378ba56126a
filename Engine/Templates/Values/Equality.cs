using System.Numerics;
using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Python's <c>==</c>: numbers by value whatever their type, lists, tuples and dictionaries by their elements, the rest by identity.</summary>
internal static class Equality
{
    public static bool AreEqual(Value left, Value right, RenderState state)
    {
        state.Step();
        RenderState.CheckStack();
        return (left, right) switch
        {
            (StringValue l, StringValue r) => SameText(l.Text, r.Text, state),
            (UndefinedValue, UndefinedValue) => true,
            (ListValue l, ListValue r) => SameItems(l.Items, r.Items, state),
            (TupleValue l, TupleValue r) => SameItems(l.Items, r.Items, state),
            (DictValue l, DictValue r) => SameEntries(l, r, state),
            (RangeValue l, RangeValue r) => SameItems([.. state.Iterate(l)], [.. state.Iterate(r)], state),
            _ => ReferenceEquals(left, right) || SameNumber(left, right),
        };
    }

    /// <summary>Python's <c>in</c>.</summary>
    public static bool Contains(Value container, Value item, RenderState state)
    {
        switch (container)
        {
            case StringValue text:
                state.Scan(text.Text.Length);
                return item is StringValue part
                    ? text.Text.Contains(part.Text, StringComparison.Ordinal)
                    : throw TemplateFault.Type($"'in <string>' requires string as left operand, not {item.TypeName}");
            case DictValue dict:
                return dict.Find(item) is not null;
            case { Elements: null }:
                throw TemplateFault.Type($"argument of type '{container.TypeName}' is not iterable");
            default:
                return state.Iterate(container).Any(element => ReferenceEquals(element, item) || AreEqual(element, item, state));
        }
    }

    /// <summary>Compares an integer with a float exactly; rounding one to the other would make unequal numbers equal.</summary>
    public static int? CompareNumbers(Value left, Value right)
    {
        if (Integers.Of(left) is BigInteger l && Integers.Of(right) is BigInteger r)
        {
            return l.CompareTo(r);
        }

        return (left, right) switch
        {
            (FloatValue a, FloatValue b) => double.IsNaN(a.Number) || double.IsNaN(b.Number) ? null : a.Number.CompareTo(b.Number),
            (FloatValue a, _) when Integers.Of(right) is BigInteger b => Compare(a.Number, b),
            (_, FloatValue b) when Integers.Of(left) is BigInteger a => -Compare(b.Number, a),
            _ => null,
        };
    }

    private static int? Compare(double left, BigInteger right)
    {
        if (double.IsNaN(left) || double.IsInfinity(left))
        {
            return double.IsNaN(left) ? null : Math.Sign(left);
        }

        var whole = new BigInteger(Math.Floor(left));
        return whole == right ? (left > Math.Floor(left) ? 1 : 0) : whole.CompareTo(right);
    }

    private static bool SameNumber(Value left, Value right) => CompareNumbers(left, right) == 0;

    private static bool SameText(string left, string right, RenderState state)
    {
        state.Scan(left.Length);
        return string.Equals(left, right, StringComparison.Ordinal);
    }

    private static bool SameItems(IReadOnlyList<Value> left, IReadOnlyList<Value> right, RenderState state) =>
        left.Count == right.Count && Enumerable.Range(0, left.Count).All(i => ReferenceEquals(left[i], right[i]) || AreEqual(left[i], right[i], state));

    private static bool SameEntries(DictValue left, DictValue right, RenderState state) =>
        left.Length == right.Length && left.Items.All(entry => right.Find(entry.Key) is Value other && AreEqual(entry.Value, other, state));
}

/// <summary>How dictionaries and sets compare keys. Lists and dictionaries cannot be keys.</summary>
internal sealed class KeyComparer(RenderState state) : IEqualityComparer<Value>
{
    public bool Equals(Value? x, Value? y) => Equality.AreEqual(x!, y!, state);

    public int GetHashCode(Value value)
    {
        state.Step();
        RenderState.CheckStack();
        switch (value)
        {
            case StringValue text:
                state.Scan(text.Text.Length);
                return string.GetHashCode(text.Text, StringComparison.Ordinal);
            case FloatValue real:
                return double.IsFinite(real.Number) && real.Number == Math.Floor(real.Number)
                    ? new BigInteger(real.Number).GetHashCode()
                    : real.Number.GetHashCode();
            case TupleValue tuple:
                var hash = default(HashCode);
                foreach (var item in tuple.Items)
                {
                    hash.Add(GetHashCode(item));
                }

                return hash.ToHashCode();
            case UndefinedValue:
                return 1;
            case RangeValue range:
                return range.Length!.Value;
            default:
                return Integers.Of(value) is BigInteger number ? number.GetHashCode() : HashOther(value);
        }
    }

    /// <summary>Whether a value may be a key.</summary>
    public bool IsHashable(Value value)
    {
        state.Step();
        RenderState.CheckStack();
        return value is TupleValue tuple ? tuple.Items.All(IsHashable) : value is not (ListValue or DictValue or DictViewValue);
    }

    private static int HashOther(Value value) => value is not (ListValue or DictValue or DictViewValue)
        ? RuntimeHelpers.GetHashCode(value)
        : throw TemplateFault.Type($"unhashable type: '{value.TypeName}'");
}
