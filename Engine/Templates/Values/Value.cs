using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>
/// What a template works with: our own closed set of Python-like values. None of them leads to a .NET object, so a template can reach nothing
/// but them.
/// </summary>
internal abstract class Value
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary><c>bool(value)</c>: whatever has a length is false when empty.</summary>
    public virtual bool IsTrue => Length != 0;

    /// <summary><c>len(value)</c>; null if it has none.</summary>
    public virtual int? Length => null;

    /// <summary><c>iter(value)</c>; null if it cannot be iterated.</summary>
    public virtual IEnumerable<Value>? Elements => null;

    /// <summary>Methods by name; they get the value as their first argument.</summary>
    public virtual IReadOnlyDictionary<string, Builtin> Methods => Builtin.None;

    public virtual bool IsCallable => false;

    /// <summary>Whether <c>value[key]</c> is a thing at all, as opposed to a key that is not there.</summary>
    public virtual bool IsSubscriptable => false;

    /// <summary><c>value[key]</c>; null if there is none, or the key's type does not fit.</summary>
    public virtual Value? Item(Value key, RenderState state) => null;

    /// <summary>An attribute that is not a method; null if there is none.</summary>
    public virtual Value? Attribute(string name) => null;

    public virtual Value Call(Arguments arguments, RenderState state) => throw TemplateFault.Type($"'{TypeName}' object is not callable");

    /// <summary><c>repr(value)</c>.</summary>
    public abstract void WriteRepr(TextBuffer output, RenderState state);

    /// <summary><c>str(value)</c>, which is what printing does.</summary>
    public virtual void WriteText(TextBuffer output, RenderState state) => WriteRepr(output, state);

    public string ToText(RenderState state)
    {
        if (this is StringValue text)
        {
            return text.Text;
        }

        var buffer = new TextBuffer(state);
        WriteText(buffer, state);
        return buffer.ToString();
    }
}
