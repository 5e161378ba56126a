using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary><c>target.name</c>.</summary>
internal sealed class AttributeExpression(Expression target, string name, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => Lookup.Attribute(target.Evaluate(scope), name, scope.State);
}

/// <summary><c>target[key]</c>.</summary>
internal sealed class ItemExpression(Expression target, Expression key, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => Lookup.Item(target.Evaluate(scope), key.Evaluate(scope), scope.State);
}

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) =>
        Lookup.Slice(target.Evaluate(scope), Bound(start, scope), Bound(stop, scope), Bound(step, scope), scope.State);

    private static Value Bound(Expression? bound, Scope scope) => bound?.Evaluate(scope) ?? NoneValue.Instance;
}
