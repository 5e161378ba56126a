using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>
/// <c>{% for target in items if test recursive %} … {% else %} … {% endfor %}</c>. Each pass has a scope of its own.
/// As Jinja does it, <c>else</c> is for a loop of which no pass came to the end of its body: <c>break</c> and <c>continue</c> count as none.
/// </summary>
internal sealed class ForStatement(
    AssignmentTarget target, Expression items, Expression? test, bool isRecursive, Body body, Body? otherwise, int line) : Statement(line)
{
    protected override Flow Run(Scope scope) => Loop(items.Evaluate(scope), depth: 0, scope);

    private Flow Loop(Value values, int depth, Scope scope)
    {
        var elements = scope.State.Iterate(values);
        var loop = test is null
            ? new LoopValue(elements, values.Length, depth, Recursion(scope))
            : new LoopValue(elements.Where(element => IsWanted(element, scope)), null, depth, Recursion(scope));
        var isPassed = false;
        while (loop.MoveNext())
        {
            var pass = new Scope(scope);
            pass.Set("loop", loop);
            target.Assign(loop.Current!, pass);
            var flow = body.Execute(pass);
            isPassed |= flow == Flow.Normal;
            if (flow == Flow.Break)
            {
                break;
            }
        }

        return !isPassed && otherwise is not null ? otherwise.Execute(new Scope(scope)) : Flow.Normal;
    }

    /// <summary>The test sees the element, but not yet the loop.</summary>
    private bool IsWanted(Value element, Scope scope)
    {
        var inner = new Scope(scope);
        target.Assign(element, inner);
        return test!.Evaluate(inner).IsTrue;
    }

    private Func<Value, int, Value>? Recursion(Scope scope)
    {
        if (!isRecursive)
        {
            return null;
        }

        return (values, depth) =>
        {
            var state = scope.State;
            var (outer, captured) = (state.Output, new TextBuffer(state));
            state.Output = captured;
            Loop(values, depth, scope);
            state.Output = outer;
            return captured.ToValue();
        };
    }
}
