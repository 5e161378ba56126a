using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>Filters on lists, dictionaries and other things with elements. As in Jinja, some give lists and some give generators.</summary>
internal static class SequenceFilters
{
    public static IEnumerable<Builtin> All()
    {
        yield return new Builtin("length", "obj, /", Length);
        yield return new Builtin("count", "obj, /", Length);
        yield return new Builtin("first", "seq", call => call.State.Iterate(call[0]).FirstOrDefault() ?? Empty("no first item"));
        yield return new Builtin("last", "seq", call => call[0] is UndefinedValue ? Empty("no last item") : Last(call));
        yield return new Builtin("join", "value, d=, attribute=", Join);
        yield return new Builtin("list", "value", call => new ListValue(call.State.ToList(call[0])));
        yield return new Builtin("reverse", "value", Reverse);
        yield return new Builtin("sort", "value, reverse=, case_sensitive=, attribute=", Sort);
        yield return new Builtin("unique", "value, case_sensitive=, attribute=", call => new IteratorValue("generator", Unique(call)));
        yield return new Builtin("min", "value, case_sensitive=, attribute=", call => Extreme(call, (a, b) => Ordering.IsLess(a, b, call.State)));
        yield return new Builtin("max", "value, case_sensitive=, attribute=", call => Extreme(call, (a, b) => Ordering.IsLess(b, a, call.State, ">")));
        yield return new Builtin("sum", "iterable, attribute=, start=", Sum);
        yield return new Builtin("batch", "value, linecount, fill_with=", call => new IteratorValue("generator", Batch(call)));
        yield return new Builtin("slice", "value, slices, fill_with=", call => new IteratorValue("generator", Slice(call)));
        yield return new Builtin("groupby", "value, attribute, default=, case_sensitive=", GroupBy);
        yield return new Builtin("items", "value", call => new IteratorValue("generator", Items(call)));
        yield return new Builtin("dictsort", "value, case_sensitive=, by=, reverse=", SortDict);
    }

    private static IntValue Length(Call call) =>
        Call.Number(call[0].Length ?? throw TemplateFault.Type($"object of type '{call[0].TypeName}' has no len()"));

    private static UndefinedValue Empty(string what) => new($"{what}, the sequence was empty");

    private static Value Last(Call call) => Backwards(call[0], call.State) is IEnumerable<Value> items
        ? items.FirstOrDefault() ?? Empty("no last item")
        : throw TemplateFault.Type($"'{call[0].TypeName}' object is not reversible");

    /// <summary>Null: the value has no end to begin with.</summary>
    private static IEnumerable<Value>? Backwards(Value value, RenderState state) => value switch
    {
        SequenceValue sequence => sequence.Items.Reverse(),
        StringValue or RangeValue or DictValue or DictViewValue => state.ToList(value).AsEnumerable().Reverse(),
        _ => null,
    };

    private static StringValue Join(Call call)
    {
        var get = AttributePath.Getter(call.Optional(2), call.State);
        var separator = call.Given(1)?.ToText(call.State) ?? "";
        return new StringValue(TextOperations.Join(separator, call.State.Iterate(call[0]).Select(item => get(item).ToText(call.State)), call.State));
    }

    private static Value Reverse(Call call)
    {
        if (call[0] is StringValue text)
        {
            var length = text.Length!.Value;
            return call.State.Text(CodePoints.Pick(text.Text, Enumerable.Range(1, length).Select(i => length - i)));
        }

        if (Backwards(call[0], call.State) is IEnumerable<Value> items)
        {
            return new IteratorValue("reversed", items);
        }

        var list = call.State.ToList(call[0]);
        list.Reverse();
        return new ListValue(list);
    }

    private static ListValue Sort(Call call)
    {
        var key = AttributePath.ListGetter(call.Optional(3), call.State, ignoresCase: !call.Flag(2));
        return new ListValue(Ordering.Sort(call.State.ToList(call[0]), key, call.Flag(1), call.State));
    }

    private static IEnumerable<Value> Unique(Call call)
    {
        var key = AttributePath.Getter(call.Optional(2), call.State, ignoresCase: !call.Flag(1));
        var seen = new HashSet<Value>(call.State.Keys);
        foreach (var item in call.State.Iterate(call[0]))
        {
            if (seen.Add(key(item)))
            {
                yield return item;
            }
        }
    }

    /// <summary>The first of the smallest or largest.</summary>
    private static Value Extreme(Call call, Func<Value, Value, bool> isBetter)
    {
        var key = AttributePath.Getter(call.Optional(2), call.State, ignoresCase: !call.Flag(1));
        Value? best = null;
        Value? bestKey = null;
        foreach (var item in call.State.Iterate(call[0]))
        {
            var itemKey = key(item);
            if (bestKey is null || isBetter(itemKey, bestKey))
            {
                (best, bestKey) = (item, itemKey);
            }
        }

        return best ?? Empty("no aggregated item");
    }

    private static Value Sum(Call call)
    {
        var get = AttributePath.Getter(call.Optional(1), call.State);
        var sum = call.Given(2) ?? new IntValue(0);
        if (sum is StringValue)
        {
            throw TemplateFault.Type("sum() can't sum strings");
        }

        return call.State.Iterate(call[0]).Aggregate(sum, (total, item) => Arithmetic.Add(total, get(item), call.State));
    }

    private static IEnumerable<Value> Batch(Call call)
    {
        var size = call.Int(1, 0);
        var batch = new List<Value>();
        foreach (var item in call.State.Iterate(call[0]))
        {
            if (batch.Count == size)
            {
                yield return new ListValue(batch);
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count > 0)
        {
            Fill(batch, call.Optional(2), size - batch.Count, call.State);
            yield return new ListValue(batch);
        }
    }

    private static void Fill(List<Value> items, Value? filler, int count, RenderState state)
    {
        if (filler is not null && count > 0)
        {
            state.Step(count);
            items.AddRange(Enumerable.Repeat(filler, count));
        }
    }

    /// <summary>So many columns; the first ones are longer by one where it does not come out even.</summary>
    private static IEnumerable<Value> Slice(Call call)
    {
        var items = call.State.ToList(call[0]);
        var slices = call.Int(1, 0);
        if (slices == 0)
        {
            throw new TemplateFault("ZeroDivisionError: integer division or modulo by zero");
        }

        var start = 0;
        for (var i = 0; i < slices; i++)
        {
            call.State.Step();
            var isLonger = i < items.Count % slices;
            var count = (items.Count / slices) + (isLonger ? 1 : 0);
            var slice = items.GetRange(start, count);
            Fill(slice, call.Optional(2), isLonger ? 0 : 1, call.State);
            start += count;
            yield return new ListValue(slice);
        }
    }

    /// <summary>Pairs (<c>grouper</c>, <c>list</c>), ordered by group; a group is called what its first item calls it.</summary>
    private static ListValue GroupBy(Call call)
    {
        var ignoresCase = !call.Flag(3);
        var key = AttributePath.Getter(call[1], call.State, ignoresCase, call.Optional(2));
        var name = AttributePath.Getter(call[1], call.State, ignoresCase: false, call.Optional(2));
        var groups = new List<(Value Key, List<Value> Items)>();
        foreach (var item in Ordering.Sort(call.State.ToList(call[0]), key, isDescending: false, call.State))
        {
            var itemKey = key(item);
            if (groups.Count == 0 || !Equality.AreEqual(groups[^1].Key, itemKey, call.State))
            {
                groups.Add((itemKey, []));
            }

            groups[^1].Items.Add(item);
        }

        return new ListValue([.. groups.Select(group => new TupleValue([name(group.Items[0]), new ListValue(group.Items)], "grouper", "list"))]);
    }

    private static IEnumerable<Value> Items(Call call)
    {
        switch (call[0])
        {
            case UndefinedValue:
                yield break;
            case DictValue dict:
                foreach (var entry in dict.Items)
                {
                    yield return CollectionMethods.Pair(entry);
                }

                break;
            default:
                throw TemplateFault.Type("Can only get item pairs from a mapping.");
        }
    }

    private static ListValue SortDict(Call call)
    {
        var dict = call[0] as DictValue ?? throw (call[0] as UndefinedValue)?.Fault()
            ?? TemplateFault.Type($"dictsort needs a mapping, not '{call[0].TypeName}'");
        var at = call.Text(2, "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw new TemplateFault("FilterArgumentError: you can only sort by either \"key\" or \"value\""),
        };
        var key = AttributePath.Getter(new IntValue(at), call.State, ignoresCase: !call.Flag(1));
        return new ListValue(Ordering.Sort([.. dict.Items.Select(CollectionMethods.Pair)], key, call.Flag(3), call.State));
    }
}
