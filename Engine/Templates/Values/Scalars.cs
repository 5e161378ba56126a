using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Formatting;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append("None");
}

internal sealed class BoolValue : Value
{
    private static readonly BoolValue True = new(true);
    private static readonly BoolValue False = new(false);

    private BoolValue(bool value) => IsTrue = value;

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public static BoolValue Of(bool value) => value ? True : False;

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append(IsTrue ? "True" : "False");
}

internal sealed class IntValue(BigInteger number) : Value
{
    /// <summary>Python refuses to print more digits than these.</summary>
    public const int MaxDigits = 4300;

    public BigInteger Number { get; } = number;

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;

    public override void WriteRepr(TextBuffer output, RenderState state)
    {
        state.Step((long)Number.GetBitLength() / 64);
        var text = Number.ToString(CultureInfo.InvariantCulture);
        if (text.Length > MaxDigits + 1)
        {
            throw TemplateFault.Value($"an integer has more than the {MaxDigits} digits that can be printed");
        }

        output.Append(text);
    }
}

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append(FloatFormat.Repr(Number));
}

/// <summary>
/// A name, attribute or element that does not exist. It prints as nothing, is false and empty, and faults when anything else is done with it.
/// </summary>
internal sealed class UndefinedValue(string message, string error = "UndefinedError") : Value
{
    public override string TypeName => "Undefined";

    public override int? Length => 0;

    public override IEnumerable<Value> Elements => [];

    public override bool IsCallable => true;

    public TemplateFault Fault() => new($"{error}: {message}");

    public override Value Call(Arguments arguments, RenderState state) => throw Fault();

    public override void WriteRepr(TextBuffer output, RenderState state) => output.Append("Undefined");

    public override void WriteText(TextBuffer output, RenderState state)
    {
    }
}
