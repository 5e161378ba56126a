using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Tree;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>A built-in function, or a method together with the value it belongs to.</summary>
internal sealed class FunctionValue(Builtin function, Value? receiver = null) : Value
{
    public override string TypeName => "builtin_function_or_method";

    public override bool IsCallable => true;

    public override Value Call(Arguments arguments, RenderState state) => function.Invoke(state, receiver, arguments);

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append($"<built-in function {function.Name}>");
}

/// <summary>A macro, or the body of a <c>call</c> block. It sees the variables of the place where it was defined.</summary>
internal sealed class MacroValue(MacroDefinition definition, Scope closure) : Value
{
    public override string TypeName => "Macro";

    public override bool IsCallable => true;

    public override Value? Attribute(string name) => name switch
    {
        "name" => new StringValue(definition.Name),
        "arguments" => new TupleValue([.. definition.Parameters.Select(parameter => new StringValue(parameter.Name))]),
        "catch_kwargs" => BoolValue.Of(definition.UsesKeywords),
        "catch_varargs" => BoolValue.Of(definition.UsesRest),
        "caller" => BoolValue.Of(definition.UsesCaller),
        _ => null,
    };

    public override Value Call(Arguments arguments, RenderState state) => definition.Render(arguments, closure);

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append($"<Macro '{definition.Name}'>");
}

/// <summary>What <c>namespace()</c> makes: the only thing whose attributes a template can set.</summary>
internal sealed class NamespaceValue : Value
{
    private readonly OrderedDictionary<string, Value> _attributes = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override Value? Attribute(string name) => _attributes.GetValueOrDefault(name);

    public void Set(string name, Value value) => _attributes[name] = value;

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        var attributes = new DictValue(state);
        foreach (var (name, value) in _attributes)
        {
            attributes.Set(new StringValue(name), value);
        }

        output.Append("<Namespace ");
        attributes.WriteRepr(output, state);
        output.Append('>');
    }
}

/// <summary>What <c>cycler()</c> makes: its <c>next()</c> goes round its values.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private int _position;

    public override string TypeName => "Cycler";

    public override IReadOnlyDictionary<string, Builtin> Methods => Globals.CyclerMethods;

    public override Value? Attribute(string name) => name switch
    {
        "current" => items[_position],
        "items" => new TupleValue(items),
        "pos" => new IntValue(_position),
        _ => null,
    };

    public Value Next()
    {
        var current = items[_position];
        _position = (_position + 1) % items.Count;
        return current;
    }

    public void Reset() => _position = 0;

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append("<Cycler>");
}

/// <summary>What <c>joiner()</c> makes: nothing when called first, its separator from then on.</summary>
internal sealed class JoinerValue(Value separator) : Value
{
    private bool _isUsed;

    public override string TypeName => "Joiner";

    public override bool IsCallable => true;

    public override Value Call(Arguments arguments, RenderState state)
    {
        var text = _isUsed ? separator : StringValue.Empty;
        _isUsed = true;
        return text;
    }

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append("<Joiner>");
}
