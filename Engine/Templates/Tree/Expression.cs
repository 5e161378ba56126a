using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>A node that has a value.</summary>
/// <param name="line">Where it stands, from 1.</param>
internal abstract class Expression(int line)
{
    public int Line { get; } = line;

    public Value Evaluate(Scope scope)
    {
        var outer = scope.State.Line;
        scope.State.Enter(Line);
        var value = Compute(scope);
        scope.State.Leave(outer);
        return value;
    }

    protected abstract Value Compute(Scope scope);
}

internal sealed class LiteralExpression(Value value, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => value;
}

internal sealed class NameExpression(string name, int line) : Expression(line)
{
    public string Name => name;

    protected override Value Compute(Scope scope) => scope.Read(name);
}

internal sealed class ListExpression(IReadOnlyList<Expression> items, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => new ListValue([.. items.Select(item => item.Evaluate(scope))]);
}

internal sealed class TupleExpression(IReadOnlyList<Expression> items, int line) : Expression(line)
{
    public IReadOnlyList<Expression> Items => items;

    protected override Value Compute(Scope scope) => new TupleValue([.. items.Select(item => item.Evaluate(scope))]);
}

internal sealed class DictExpression(IReadOnlyList<(Expression Key, Expression Value)> entries, int line) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var dict = new DictValue(scope.State);
        foreach (var (key, value) in entries)
        {
            dict.Set(key.Evaluate(scope), value.Evaluate(scope));
        }

        return dict;
    }
}

/// <summary><c>a if test else b</c>.</summary>
internal sealed class ConditionalExpression(Expression test, Expression whenTrue, Expression? whenFalse, int line) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        if (test.Evaluate(scope).IsTrue)
        {
            return whenTrue.Evaluate(scope);
        }

        return whenFalse?.Evaluate(scope)
            ?? new UndefinedValue($"the inline if-expression on line {Line} evaluated to false and no else section was defined");
    }
}
