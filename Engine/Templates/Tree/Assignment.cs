using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>What can stand left of <c>=</c>, or after <c>for</c>.</summary>
internal abstract class AssignmentTarget
{
    public abstract void Assign(Value value, Scope scope);

    /// <summary>Faults if the target is an attribute of something that is not a namespace: before the value is evaluated.</summary>
    public virtual void Check(Scope scope)
    {
    }
}

internal sealed class NameTarget(string name) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope) => scope.Set(name, value);
}

/// <summary><c>namespace.name</c>.</summary>
internal sealed class NamespaceTarget(string variable, string name) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope) => Find(scope).Set(name, value);

    public override void Check(Scope scope) => Find(scope);

    private NamespaceValue Find(Scope scope) => scope.Read(variable) as NamespaceValue
        ?? throw new TemplateFault("TemplateRuntimeError: cannot assign attribute on non-namespace object");
}

/// <summary><c>a, b</c>: takes a value apart.</summary>
internal sealed class TupleTarget(IReadOnlyList<AssignmentTarget> targets) : AssignmentTarget
{
    public override void Assign(Value value, Scope scope)
    {
        if (value.Elements is null)
        {
            throw TemplateFault.Type($"cannot unpack non-iterable {value.TypeName} object");
        }

        var items = scope.State.Iterate(value).Take(targets.Count + 1).ToList();
        if (items.Count != targets.Count)
        {
            throw TemplateFault.Value(items.Count > targets.Count
                ? $"too many values to unpack (expected {targets.Count})"
                : $"not enough values to unpack (expected {targets.Count}, got {items.Count})");
        }

        for (var i = 0; i < items.Count; i++)
        {
            targets[i].Assign(items[i], scope);
        }
    }

    public override void Check(Scope scope)
    {
        foreach (var target in targets)
        {
            target.Check(scope);
        }
    }
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(AssignmentTarget target, Expression value, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        target.Check(scope);
        target.Assign(value.Evaluate(scope), scope);
        return Flow.Normal;
    }
}

/// <summary><c>{% set target | filters %} … {% endset %}</c>: what the body writes, filtered.</summary>
internal sealed class SetBlockStatement(AssignmentTarget target, IReadOnlyList<FilterCall> filters, Body body, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        var inner = new Scope(scope);
        target.Assign(filters.Aggregate<FilterCall, Value>(body.Capture(inner), (value, filter) => filter.Apply(value, inner)), scope);
        return Flow.Normal;
    }
}
