using System.Collections.Frozen;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>The functions that every template can call: Jinja's, and those that transformers adds for chat templates.</summary>
internal static class Globals
{
    public static readonly FrozenDictionary<string, Builtin> CyclerMethods = Builtin.Table(
        new Builtin("next", "self, /", call => ((CyclerValue)call[0]).Next()),
        new Builtin("reset", "self, /", call =>
        {
            ((CyclerValue)call[0]).Reset();
            return NoneValue.Instance;
        }));

    public static readonly FrozenDictionary<string, Builtin> LoopMethods = Builtin.Table(
        new Builtin("cycle", "self, *", call => ((LoopValue)call[0]).Cycle(call.Rest.Positional)),
        new Builtin("changed", "self, *", call => Call.Bool(((LoopValue)call[0]).Changed(new TupleValue(call.Rest.Positional), call.State))));

    private static readonly FrozenDictionary<string, Value> All = new[]
    {
        new Builtin("range", "start, stop=, step=, /", Range),
        new Builtin("dict", "mapping=, **", Dict),
        new Builtin("namespace", "mapping=, **", Namespace),
        new Builtin("cycler", "*", call => call.Rest.Positional.Count > 0
            ? new CyclerValue(call.Rest.Positional)
            : throw new TemplateFault("RuntimeError: at least one item has to be provided")),
        new Builtin("joiner", "sep=", call => new JoinerValue(call.Given(0) ?? new StringValue(", "))),
        new Builtin("raise_exception", "message", call => throw new TemplateFault(call.AnyText(0))),
        new Builtin("strftime_now", "format", call => StrftimeFormat.Format(call.Text(0), call.State.Time.GetLocalNow(), call.State)),
    }.ToFrozenDictionary(function => function.Name, Value (function) => new FunctionValue(function), StringComparer.Ordinal);

    public static Value? Find(string name) => All.GetValueOrDefault(name);

    private static RangeValue Range(Call call)
    {
        var first = Call.Integer(call[0]);
        var (start, stop) = call.Given(1) is Value end ? (first, Call.Integer(end)) : (BigInteger.Zero, first);
        var step = call.Given(2) is Value by ? Call.Integer(by) : BigInteger.One;
        if (step.IsZero)
        {
            throw TemplateFault.Value("range() arg 3 must not be zero");
        }

        var distance = step.Sign > 0 ? stop - start : start - stop;
        var stride = BigInteger.Abs(step);
        var count = distance.Sign <= 0 ? BigInteger.Zero : (distance + stride - 1) / stride;
        if (count > TemplateLimits.MaxRange)
        {
            TemplateFault.ThrowLimit("OverflowError: elements of a range", TemplateLimits.MaxRange);
        }

        return new RangeValue(start, stop, step, (int)count);
    }

    /// <summary>A dictionary, or pairs, and keywords.</summary>
    private static DictValue Dict(Call call)
    {
        var dict = new DictValue(call.State);
        if (call.Given(0) is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        if (call.Given(0) is DictValue mapping)
        {
            call.State.Step(mapping.Length!.Value);
            foreach (var (key, value) in mapping.Items)
            {
                dict.Set(key, value);
            }
        }
        else if (call.Given(0) is Value pairs)
        {
            foreach (var pair in call.State.Iterate(pairs))
            {
                var items = call.State.ToList(pair);
                dict.Set(items.Count == 2 ? items[0] : throw TemplateFault.Value("dictionary update sequence element needs 2 items"), items[1]);
            }
        }

        foreach (var (name, value) in call.Rest.Keywords)
        {
            dict.Set(new StringValue(name), value);
        }

        return dict;
    }

    private static NamespaceValue Namespace(Call call)
    {
        var space = new NamespaceValue();
        foreach (var (key, value) in Dict(call).Items)
        {
            space.Set(call.TextOf(key), value);
        }

        return space;
    }
}
