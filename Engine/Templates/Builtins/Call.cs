using System.Numerics;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>One call of a <see cref="Builtin"/>: its arguments in the order of its parameters.</summary>
/// <param name="rest">What is beyond the parameters.</param>
internal sealed class Call(Builtin function, RenderState state, Value?[] slots, Arguments rest)
{
    public RenderState State => state;

    public Arguments Rest => rest;

    /// <summary>A required argument.</summary>
    public Value this[int index] => slots[index]!;

    /// <summary>An argument; null if it was left out, or is None.</summary>
    public Value? Optional(int index) => slots[index] is NoneValue ? null : slots[index];

    /// <summary>An argument; null if it was left out.</summary>
    public Value? Given(int index) => slots[index];

    /// <summary>An argument that must be a text.</summary>
    public string Text(int index) => TextOf(slots[index]!);

    /// <summary>An argument that must be a text, with a default.</summary>
    public string Text(int index, string fallback) => slots[index] is null ? fallback : Text(index);

    public string TextOf(Value value) => value switch
    {
        StringValue text => text.Text,
        UndefinedValue undefined => throw undefined.Fault(),
        _ => throw TemplateFault.Type($"{function.Name}() argument must be str, not {value.TypeName}"),
    };

    /// <summary>Any argument as text: <c>str()</c>.</summary>
    public string AnyText(int index) => slots[index]!.ToText(state);

    /// <summary>An integer argument, saturated: it is a count, a width or a position.</summary>
    public int Int(int index, int fallback) => slots[index] is Value value ? Integers.Saturate(Integer(value)) : fallback;

    public static BigInteger Integer(Value value) => value is UndefinedValue undefined
        ? throw undefined.Fault()
        : Integers.Of(value) ?? throw TemplateFault.Type($"'{value.TypeName}' object cannot be interpreted as an integer");

    /// <summary>The truth of an argument, false if left out.</summary>
    public bool Flag(int index) => slots[index]?.IsTrue ?? false;

    /// <summary>A text made from the receiver: markup if that was.</summary>
    public StringValue Like(int index, string text) => state.Text(text, slots[index] is StringValue { IsMarkup: true });

    public static BoolValue Bool(bool value) => BoolValue.Of(value);

    public static IntValue Number(BigInteger number) => new(number);
}
