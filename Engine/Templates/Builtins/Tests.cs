using System.Collections.Frozen;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Jinja's tests: what may stand after <c>is</c>, and be named in <c>select</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Builtin> All = Builtin.Table([.. OfType(), .. OfOrder(), .. OfValue()]);

    public static Builtin Find(string name) =>
        All.TryGetValue(name, out var test) ? test : throw new TemplateFault($"TemplateRuntimeError: no test named '{name}'");

    private static IEnumerable<Builtin> OfType()
    {
        yield return Test("defined", value => value is not UndefinedValue);
        yield return Test("undefined", value => value is UndefinedValue);
        yield return Test("none", value => value is NoneValue);
        yield return Test("boolean", value => value is BoolValue);
        yield return Test("integer", value => value is IntValue);
        yield return Test("float", value => value is FloatValue);
        yield return Test("number", value => value is IntValue or FloatValue or BoolValue);
        yield return Test("string", value => value is StringValue);
        yield return Test("mapping", value => value is DictValue);
        yield return Test("sequence", value => value.Length is not null && (value.IsSubscriptable || value is UndefinedValue));
        yield return Test("iterable", value => value.Elements is not null);
        yield return Test("callable", value => value.IsCallable);
        yield return Test("escaped", value => value is StringValue { IsMarkup: true });
    }

    private static IEnumerable<Builtin> OfOrder()
    {
        Func<Call, Value> equal = call => Call.Bool(Equality.AreEqual(call[0], call[1], call.State));
        Func<Call, Value> unequal = call => Call.Bool(!Equality.AreEqual(call[0], call[1], call.State));
        Func<Call, Value> less = call => Call.Bool(Ordering.IsLess(call[0], call[1], call.State));
        Func<Call, Value> lessOrEqual = call => Call.Bool(Ordering.IsLessOrEqual(call[0], call[1], call.State));
        Func<Call, Value> greater = call => Call.Bool(Ordering.IsLess(call[1], call[0], call.State, ">"));
        Func<Call, Value> greaterOrEqual = call => Call.Bool(Ordering.IsLessOrEqual(call[1], call[0], call.State, ">="));
        (string Names, Func<Call, Value> Body)[] tests =
        [
            ("== eq equalto", equal), ("!= ne", unequal), ("< lt lessthan", less), ("<= le", lessOrEqual), ("> gt greaterthan", greater),
            (">= ge", greaterOrEqual),
        ];
        return tests.SelectMany(test => test.Names.Split(' ').Select(name => new Builtin(name, "a, b, /", test.Body)));
    }

    private static IEnumerable<Builtin> OfValue()
    {
        yield return Test("true", value => value is BoolValue && value.IsTrue);
        yield return Test("false", value => value is BoolValue && !value.IsTrue);
        yield return new Builtin("odd", "value", call => Call.Bool(IsRemainder(call[0], 2, 1, call.State)));
        yield return new Builtin("even", "value", call => Call.Bool(IsRemainder(call[0], 2, 0, call.State)));
        yield return new Builtin("divisibleby", "value, num", call => Call.Bool(!Arithmetic.Modulo(call[0], call[1], call.State).IsTrue));
        yield return new Builtin("lower", "value", call => Call.Bool(Casing.IsLower(call.AnyText(0))));
        yield return new Builtin("upper", "value", call => Call.Bool(Casing.IsUpper(call.AnyText(0))));
        yield return new Builtin("in", "value, seq", call => Call.Bool(Equality.Contains(call[1], call[0], call.State)));
        yield return new Builtin("sameas", "value, other", call => Call.Bool(ReferenceEquals(call[0], call[1])));
        yield return new Builtin("filter", "value", call => Call.Bool(Filters.Exists(call.AnyText(0))));
        yield return new Builtin("test", "value", call => Call.Bool(All!.ContainsKey(call.AnyText(0))));
    }

    private static Builtin Test(string name, Func<Value, bool> test) => new(name, "value", call => Call.Bool(test(call[0])));

    private static bool IsRemainder(Value value, int divisor, int remainder, RenderState state) =>
        Equality.AreEqual(Arithmetic.Modulo(value, new IntValue(divisor), state), new IntValue(remainder), state);
}
