using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

internal sealed class UnaryExpression(Func<Value, RenderState, Value> apply, Expression operand, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => apply(operand.Evaluate(scope), scope.State);
}

internal sealed class BinaryExpression(Func<Value, Value, RenderState, Value> apply, Expression left, Expression right, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => apply(left.Evaluate(scope), right.Evaluate(scope), scope.State);
}

/// <summary><c>and</c> and <c>or</c>: the value of the operand that decides.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right, int line) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var value = left.Evaluate(scope);
        return value.IsTrue == isAnd ? right.Evaluate(scope) : value;
    }
}

internal sealed class NotExpression(Expression operand, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) => BoolValue.Of(!operand.Evaluate(scope).IsTrue);
}

/// <summary><c>a ~ b ~ c</c>: their texts together.</summary>
internal sealed class ConcatenationExpression(IReadOnlyList<Expression> parts, int line) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var output = new TextBuffer(scope.State);
        foreach (var part in parts)
        {
            part.Evaluate(scope).WriteText(output, scope.State);
        }

        return output.ToValue();
    }
}

/// <summary><c>a &lt; b &lt;= c</c>: true if every neighbour pair is; stops at the first that is not.</summary>
internal sealed class ComparisonExpression(Expression first, IReadOnlyList<(string Operator, Expression Operand)> rest, int line) : Expression(line)
{
    protected override Value Compute(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(scope);
            if (!Holds(symbol, left, right, scope.State))
            {
                return BoolValue.Of(false);
            }

            left = right;
        }

        return BoolValue.Of(true);
    }

    private static bool Holds(string symbol, Value left, Value right, RenderState state) => symbol switch
    {
        "==" => Equality.AreEqual(left, right, state),
        "!=" => !Equality.AreEqual(left, right, state),
        "<" => Ordering.IsLess(left, right, state),
        "<=" => Ordering.IsLessOrEqual(left, right, state),
        ">" => Ordering.IsLess(right, left, state, ">"),
        ">=" => Ordering.IsLessOrEqual(right, left, state, ">="),
        "in" => Equality.Contains(right, left, state),
        "not in" => !Equality.Contains(right, left, state),
        _ => throw new InvalidOperationException($"the parser made a comparison '{symbol}'"),
    };
}
