using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Runtime;

/// <summary>
/// The variables of a template, a loop's pass, a macro call or a block. Reading looks outwards; setting stays inside, which is why templates
/// need <c>namespace</c>. An <c>if</c> has no scope of its own.
/// </summary>
internal sealed class Scope
{
    private readonly Scope? _outer;
    private Dictionary<string, Value>? _variables;

    /// <summary>The template's own variables.</summary>
    public Scope(RenderState state)
    {
        State = state;
        Template = this;
    }

    public Scope(Scope outer)
    {
        _outer = outer;
        State = outer.State;
        Template = outer.Template;
    }

    public RenderState State { get; }

    /// <summary>The outermost scope: what a <c>block</c> sees.</summary>
    public Scope Template { get; }

    public Value Read(string name)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._variables is not null && scope._variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return Builtins.Globals.Find(name) ?? new UndefinedValue($"'{name}' is undefined");
    }

    public void Set(string name, Value value) => (_variables ??= new Dictionary<string, Value>(StringComparer.Ordinal))[name] = value;
}
