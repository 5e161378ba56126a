using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>What stands between the brackets of a call: values, <c>name=value</c>, <c>*list</c>, <c>**dict</c>.</summary>
internal sealed record ArgumentList(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<(string Name, Expression Value)> Keywords,
    Expression? Rest,
    Expression? KeywordRest)
{
    public static readonly ArgumentList Empty = new([], [], null, null);

    public Arguments Evaluate(Scope scope)
    {
        if (this == Empty)
        {
            return Arguments.None;
        }

        var positional = Positional.Select(argument => argument.Evaluate(scope)).ToList();
        if (Rest is not null)
        {
            positional.AddRange(scope.State.Iterate(Rest.Evaluate(scope)));
        }

        var keywords = Keywords.Select(argument => KeyValuePair.Create(argument.Name, argument.Value.Evaluate(scope))).ToList();
        if (KeywordRest is not null)
        {
            AddAll(keywords, KeywordRest.Evaluate(scope), scope.State);
        }

        return new Arguments(positional, keywords);
    }

    private static void AddAll(List<KeyValuePair<string, Value>> keywords, Value value, RenderState state)
    {
        var dict = value as DictValue ?? throw TemplateFault.Type($"argument after ** must be a mapping, not {value.TypeName}");
        state.Step(dict.Length!.Value);
        foreach (var (key, item) in dict.Items)
        {
            var name = (key as StringValue)?.Text ?? throw TemplateFault.Type("keywords must be strings");
            keywords.Add(KeyValuePair.Create(name, item));
        }
    }
}

internal sealed class CallExpression(Expression target, ArgumentList arguments, int line) : Expression(line)
{
    /// <summary>Calls with another argument, <c>caller</c>.</summary>
    public Value Evaluate(Scope scope, Value caller)
    {
        var function = target.Evaluate(scope);
        var given = arguments.Evaluate(scope);
        return function.Call(given with { Keywords = [.. given.Keywords, KeyValuePair.Create("caller", caller)] }, scope.State);
    }

    protected override Value Compute(Scope scope) => target.Evaluate(scope).Call(arguments.Evaluate(scope), scope.State);
}

/// <summary>A filter's name and arguments, without what it is applied to.</summary>
internal sealed record FilterCall(string Name, ArgumentList Arguments, int Line)
{
    public Value Apply(Value value, Scope scope)
    {
        scope.State.Line = Line;
        return Filters.Find(Name).Invoke(scope.State, value, Arguments.Evaluate(scope));
    }
}

internal sealed class FilterExpression(Expression operand, FilterCall filter) : Expression(filter.Line)
{
    protected override Value Compute(Scope scope) => filter.Apply(operand.Evaluate(scope), scope);
}

/// <summary><c>operand is name(arguments)</c>.</summary>
internal sealed class TestExpression(Expression operand, string name, ArgumentList arguments, int line) : Expression(line)
{
    protected override Value Compute(Scope scope) =>
        BoolValue.Of(Tests.Find(name).Invoke(scope.State, operand.Evaluate(scope), arguments.Evaluate(scope)).IsTrue);
}
