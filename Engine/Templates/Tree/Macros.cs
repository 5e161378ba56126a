using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Tree;

/// <summary>A macro's parameter.</summary>
internal readonly record struct Parameter(string Name, Expression? Default);

/// <summary>A macro as written: <c>varargs</c>, <c>kwargs</c> and <c>caller</c> are only accepted where its body mentions them.</summary>
internal sealed record MacroDefinition(
    string Name, IReadOnlyList<Parameter> Parameters, Body Body, bool UsesRest, bool UsesKeywords, bool UsesCaller)
{
    /// <param name="closure">The variables of the place where the macro stands.</param>
    public StringValue Render(Arguments arguments, Scope closure)
    {
        var scope = new Scope(closure);
        var keywords = arguments.Keywords.ToList();
        var values = Parameters.Select((parameter, at) => at < arguments.Positional.Count
            ? arguments.Positional[at]
            : TakeKeyword(keywords, parameter.Name)).ToList();
        if (UsesCaller && Parameters.All(parameter => parameter.Name != "caller"))
        {
            scope.Set("caller", TakeKeyword(keywords, "caller") ?? new UndefinedValue("No caller defined"));
        }

        CheckRest(arguments, keywords);
        SetRest(arguments, keywords, scope);
        SetParameters(values, scope);
        return Body.Capture(scope);
    }

    /// <summary>Defaults see all parameters, those without a value yet as undefined ones.</summary>
    private void SetParameters(List<Value?> values, Scope scope)
    {
        for (var i = 0; i < values.Count; i++)
        {
            scope.Set(Parameters[i].Name, values[i] ?? new UndefinedValue($"parameter '{Parameters[i].Name}' was not provided"));
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is null && Parameters[i].Default is Expression fallback)
            {
                scope.Set(Parameters[i].Name, fallback.Evaluate(scope));
            }
        }
    }

    private void CheckRest(Arguments arguments, List<KeyValuePair<string, Value>> keywords)
    {
        if (keywords.Count > 0 && !UsesKeywords)
        {
            throw TemplateFault.Type($"macro '{Name}' takes no keyword argument '{keywords[0].Key}'");
        }

        if (arguments.Positional.Count > Parameters.Count && !UsesRest)
        {
            throw TemplateFault.Type($"macro '{Name}' takes not more than {Parameters.Count} argument(s)");
        }
    }

    private void SetRest(Arguments arguments, List<KeyValuePair<string, Value>> keywords, Scope scope)
    {
        if (UsesRest)
        {
            scope.Set("varargs", new TupleValue([.. arguments.Positional.Skip(Parameters.Count)]));
        }

        if (UsesKeywords)
        {
            scope.Set("kwargs", ToDict(keywords, scope.State));
        }
    }

    private static Value? TakeKeyword(List<KeyValuePair<string, Value>> keywords, string name)
    {
        var at = keywords.FindIndex(keyword => keyword.Key == name);
        if (at < 0)
        {
            return null;
        }

        var value = keywords[at].Value;
        keywords.RemoveAt(at);
        return value;
    }

    private static DictValue ToDict(List<KeyValuePair<string, Value>> keywords, RenderState state)
    {
        var dict = new DictValue(state);
        foreach (var (name, value) in keywords)
        {
            dict.Set(new StringValue(name), value);
        }

        return dict;
    }
}

internal sealed class MacroStatement(MacroDefinition definition, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        scope.Set(definition.Name, new MacroValue(definition, scope));
        return Flow.Normal;
    }
}

/// <summary><c>{% call(parameters) macro(…) %} … {% endcall %}</c>: the macro gets the body as <c>caller</c>.</summary>
internal sealed class CallStatement(CallExpression call, MacroDefinition caller, int line) : Statement(line)
{
    protected override Flow Run(Scope scope)
    {
        call.Evaluate(scope, new MacroValue(caller, scope)).WriteText(scope.State.Output, scope.State);
        return Flow.Normal;
    }
}
