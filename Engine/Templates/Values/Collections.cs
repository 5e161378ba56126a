using System.Numerics;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>A list or a tuple.</summary>
internal abstract class SequenceValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;

    public override int? Length => Items.Count;

    public override IEnumerable<Value> Elements => Items;

    public override bool IsSubscriptable => true;

    /// <summary>Another of the same type.</summary>
    public abstract SequenceValue With(IReadOnlyList<Value> items);

    public override Value? Item(Value key, RenderState state) =>
        Integers.Of(key) is BigInteger index && Integers.Index(index, Items.Count) is int at ? Items[at] : null;

    protected void WriteItems(TextBuffer output, RenderState state)
    {
        RenderState.CheckStack();
        for (var i = 0; i < Items.Count; i++)
        {
            state.Step();
            output.Append(i == 0 ? "" : ", ");
            Items[i].WriteRepr(output, state);
        }
    }
}

internal sealed class ListValue(IReadOnlyList<Value> items) : SequenceValue(items)
{
    public override string TypeName => "list";

    public override IReadOnlyDictionary<string, Builtin> Methods => CollectionMethods.List;

    public override SequenceValue With(IReadOnlyList<Value> items) => new ListValue(items);

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        output.Append('[');
        WriteItems(output, state);
        output.Append(']');
    }
}

/// <param name="names">Names of the elements, for the groups of <c>groupby</c>.</param>
internal sealed class TupleValue(IReadOnlyList<Value> items, params string[] names) : SequenceValue(items)
{
    public static readonly TupleValue Empty = new([]);

    public override string TypeName => "tuple";

    public override IReadOnlyDictionary<string, Builtin> Methods => CollectionMethods.Tuple;

    public override SequenceValue With(IReadOnlyList<Value> items) => new TupleValue(items);

    public override Value? Attribute(string name) => Array.IndexOf(names, name) is var at and >= 0 ? Items[at] : null;

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        output.Append('(');
        WriteItems(output, state);
        output.Append(Items.Count == 1 ? ",)" : ")");
    }
}

/// <summary>A dictionary; it remembers the order of its keys.</summary>
internal sealed class DictValue : Value
{
    private readonly OrderedDictionary<Value, Value> _items;

    public DictValue(RenderState state) => _items = new OrderedDictionary<Value, Value>(state.Keys);

    public override string TypeName => "dict";

    public override int? Length => _items.Count;

    public override IEnumerable<Value> Elements => _items.Keys;

    public override bool IsSubscriptable => true;

    public IReadOnlyDictionary<Value, Value> Items => _items;

    public override IReadOnlyDictionary<string, Builtin> Methods => CollectionMethods.Dict;

    /// <summary>For building one; templates cannot change a dictionary.</summary>
    public void Set(Value key, Value value) => _items[key] = value;

    /// <summary>Unlike <see cref="Item"/>, a key that cannot be one faults.</summary>
    public Value? Find(Value key) => _items.TryGetValue(key, out var value) ? value : null;

    public override Value? Item(Value key, RenderState state) => state.Keys.IsHashable(key) ? Find(key) : null;

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        RenderState.CheckStack();
        output.Append('{');
        var separator = "";
        foreach (var (key, value) in _items)
        {
            state.Step();
            output.Append(separator);
            key.WriteRepr(output, state);
            output.Append(": ");
            value.WriteRepr(output, state);
            separator = ", ";
        }

        output.Append('}');
    }
}

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> return.</summary>
internal sealed class DictViewValue(string typeName, DictValue dict, Func<KeyValuePair<Value, Value>, Value> select) : Value
{
    public override string TypeName => typeName;

    public override int? Length => dict.Length;

    public override IEnumerable<Value> Elements => dict.Items.Select(select);

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        output.Append(typeName).Append('(');
        new ListValue(state.ToList(this)).WriteRepr(output, state);
        output.Append(')');
    }
}

/// <summary>The numbers of <c>range()</c>, at most <see cref="TemplateLimits.MaxRange"/> of them.</summary>
internal sealed class RangeValue(BigInteger start, BigInteger stop, BigInteger step, int count) : Value
{
    public override string TypeName => "range";

    public override int? Length => count;

    public override bool IsSubscriptable => true;

    public override IEnumerable<Value> Elements => Enumerable.Range(0, count).Select(At);

    public override Value? Item(Value key, RenderState state) =>
        Integers.Of(key) is BigInteger index && Integers.Index(index, count) is int at ? At(at) : null;

    public RangeValue Slice(SliceBounds bounds) =>
        new(start + (bounds.Start * step), start + ((bounds.Start + ((BigInteger)bounds.Step * bounds.Count)) * step), step * bounds.Step, bounds.Count);

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        var values = step.IsOne ? new[] { start, stop } : [start, stop, step];
        output.Append("range(").Append(string.Join(", ", values)).Append(')');
    }

    private IntValue At(int index) => new(start + (index * step));
}

/// <summary>A generator or iterator: it can be gone through once, and has no length.</summary>
internal sealed class IteratorValue(string typeName, IEnumerable<Value> items) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();

    public override string TypeName => typeName;

    public override IEnumerable<Value> Elements
    {
        get
        {
            while (_items.MoveNext())
            {
                yield return _items.Current;
            }
        }
    }

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append($"<{typeName} object>");
}
