using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Jinja's <c>value.name</c>, <c>value[key]</c> and <c>value[start:stop:step]</c>.</summary>
internal static class Lookup
{
    /// <summary>Methods that would change their value: the immutable sandbox has them, and lets nobody call them.</summary>
    private static readonly Dictionary<string, string[]> Mutators = new(StringComparer.Ordinal)
    {
        ["list"] = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"],
        ["dict"] = ["clear", "pop", "popitem", "setdefault", "update"],
    };

    /// <summary><c>value.name</c>: an attribute or method, else an element.</summary>
    public static Value Attribute(Value value, string name, RenderState state)
    {
        if (value is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        return AttributeOnly(value, name) ?? value.Item(new StringValue(name), state) ?? Missing(value, name);
    }

    /// <summary><c>value[key]</c>: an element, else, if the key is a text, an attribute or method.</summary>
    public static Value Item(Value value, Value key, RenderState state)
    {
        if (value is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        var item = value.Item(key, state);
        if (item is not null)
        {
            return item;
        }

        return key is StringValue name
            ? AttributeOnly(value, name.Text) ?? Missing(value, name.Text)
            : new UndefinedValue($"{value.TypeName} object has no element {Short(key, state)}");
    }

    /// <summary>An attribute or method; null if there is none.</summary>
    public static Value? AttributeOnly(Value value, string name)
    {
        var isMutator = Mutators.TryGetValue(value.TypeName, out var mutators) && mutators.Contains(name);
        var found = value.Attribute(name) ?? (value.Methods.TryGetValue(name, out var method) ? new FunctionValue(method, value) : null);
        return isMutator || (found is not null && name.StartsWith('_'))
            ? new UndefinedValue($"access to attribute '{name}' of '{value.TypeName}' object is unsafe", "SecurityError")
            : found;
    }

    public static Value Slice(Value value, Value start, Value stop, Value step, RenderState state)
    {
        if (value is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        if (value is not (StringValue or SequenceValue or RangeValue))
        {
            throw TemplateFault.Type($"'{value.TypeName}' object cannot be sliced");
        }

        var bounds = SliceBounds.Resolve(start, stop, step, value.Length!.Value);
        state.Step(value is StringValue && bounds.Step == 1 ? 0 : bounds.Count);
        return value switch
        {
            StringValue text => SliceText(text, bounds, state),
            SequenceValue sequence => sequence.With([.. Indices(bounds).Select(i => sequence.Items[i])]),
            _ => ((RangeValue)value).Slice(bounds),
        };
    }

    private static StringValue SliceText(StringValue text, SliceBounds bounds, RenderState state)
    {
        state.Scan(text.Text.Length);
        if (bounds.Step == 1)
        {
            return state.Text(CodePoints.Slice(text.Text, bounds.Start, bounds.Count), text.IsMarkup);
        }

        return state.Text(CodePoints.Pick(text.Text, Indices(bounds)), text.IsMarkup);
    }

    private static IEnumerable<int> Indices(SliceBounds bounds)
    {
        for (var i = 0; i < bounds.Count; i++)
        {
            yield return bounds.Start + (i * bounds.Step);
        }
    }

    private static UndefinedValue Missing(Value value, string name) => new($"'{value.TypeName} object' has no attribute '{name}'");

    private static string Short(Value key, RenderState state) => key is BoolValue or IntValue or FloatValue or NoneValue
        ? key.ToText(state)
        : $"of type {key.TypeName}";
}
