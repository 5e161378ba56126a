using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Normal,
    Break,
    Continue,
}

/// <summary>A node that writes or sets something.</summary>
/// <param name="line">Where it stands, from 1.</param>
internal abstract class Statement(int line)
{
    public int Line { get; } = line;

    public Flow Execute(Scope scope)
    {
        var outer = scope.State.Line;
        scope.State.Enter(Line);
        var flow = Run(scope);
        scope.State.Leave(outer);
        return flow;
    }

    protected abstract Flow Run(Scope scope);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Body(IReadOnlyList<Statement> statements)
{
    public Flow Execute(Scope scope)
    {
        foreach (var statement in statements)
        {
            var flow = statement.Execute(scope);
            if (flow != Flow.Normal)
            {
                return flow;
            }
        }

        return Flow.Normal;
    }

    /// <summary>Executes, and returns what was written instead of writing it.</summary>
    public StringValue Capture(Scope scope)
    {
        var state = scope.State;
        var (outer, captured) = (state.Output, new TextBuffer(state));
        state.Output = captured;
        Execute(scope);
        state.Output = outer;
        return captured.ToValue();
    }
}

internal sealed class TextStatement(string text, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        scope.State.Output.Append(text);
        return Flow.Normal;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class OutputStatement(Expression value, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        value.Evaluate(scope).WriteText(scope.State.Output, scope.State);
        return Flow.Normal;
    }
}

/// <summary><c>if</c>, <c>elif</c>, <c>else</c>; it has no scope of its own.</summary>
internal sealed class IfStatement(IReadOnlyList<(Expression Test, Body Body)> branches, Body? otherwise, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        foreach (var (test, body) in branches)
        {
            if (test.Evaluate(scope).IsTrue)
            {
                return body.Execute(scope);
            }
        }

        return otherwise?.Execute(scope) ?? Flow.Normal;
    }
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class JumpStatement(Flow flow, int line) : Statement(line)
{
    protected override Flow Run(Scope scope) => flow;
}

/// <summary>A block with a scope of its own and nothing else: <c>with</c>, <c>generation</c>.</summary>
internal sealed class ScopeStatement(IReadOnlyList<(AssignmentTarget Target, Expression Value)> variables, Body body, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in variables)
        {
            target.Assign(value.Evaluate(scope), inner);
        }

        return body.Execute(inner);
    }
}

/// <summary>
/// <c>block</c>. There is no inheritance, so it is written where it stands; it sees the template's variables only, unless it is <c>scoped</c>.
/// </summary>
internal sealed class BlockStatement(bool isScoped, Body body, int line) : Statement(line)
{
    protected override Flow Run(Scope scope) => body.Execute(new Scope(isScoped ? scope : scope.Template));
}

/// <summary><c>{% filter name %} … {% endfilter %}</c>.</summary>
internal sealed class FilterStatement(IReadOnlyList<FilterCall> filters, Body body, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        var inner = new Scope(scope);
        var text = filters.Aggregate<FilterCall, Value>(body.Capture(inner), (value, filter) => filter.Apply(value, inner));
        text.WriteText(scope.State.Output, scope.State);
        return Flow.Normal;
    }
}

/// <summary><c>include</c>, <c>import</c>, <c>extends</c>: a chat template has no other templates to go to.</summary>
internal sealed class UnsupportedStatement(string tag, int line) : Statement(line)
{
    protected override Flow Run(Scope scope) =>
        throw new TemplateFault($"the tag '{tag}' is not supported in a chat template: there is nothing to load from");
}
