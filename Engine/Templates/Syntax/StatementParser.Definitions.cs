using ManagedSwarm.Engine.Templates.Tree;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Targets of assignments, macros and call blocks.</summary>
internal sealed partial class StatementParser
{
    /// <summary>A target, or several with commas.</summary>
    private AssignmentTarget ParseTargets(bool allowsNamespace)
    {
        var (targets, isTuple) = _expressions.ParseItems(() => ParseTarget(allowsNamespace));
        if (targets.Count == 0)
        {
            _tokens.Unexpected("a name to assign to");
        }

        return isTuple ? new TupleTarget(targets) : targets[0];
    }

    private AssignmentTarget ParseTarget(bool allowsNamespace)
    {
        var token = _tokens.Current;
        if (allowsNamespace && token.Kind == TokenKind.Name && _tokens.Following.IsOperator("."))
        {
            _tokens.Take();
            _tokens.Take();
            return new NamespaceTarget(token.Text, _tokens.Expect(TokenKind.Name, "the name of an attribute").Text);
        }

        return ToTarget(_expressions.ParsePrimary(), token.Line);
    }

    private static AssignmentTarget ToTarget(Expression expression, int line) => expression switch
    {
        NameExpression name => new NameTarget(name.Name),
        TupleExpression tuple => new TupleTarget([.. tuple.Items.Select(item => ToTarget(item, line))]),
        _ => throw new TemplateFault("can only assign to names, tuples of names, and attributes of namespaces", line),
    };

    private MacroStatement ParseMacro(int line)
    {
        var name = _tokens.Expect(TokenKind.Name, "the name of a macro").Text;
        return new MacroStatement(ParseDefinition(name, ParseParameters(), "endmacro"), line);
    }

    private CallStatement ParseCall(int line)
    {
        List<Parameter> parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        var call = _expressions.Parse() as CallExpression ?? throw new TemplateFault("expected a call after 'call'", line);
        return new CallStatement(call, ParseDefinition("caller", parameters, "endcall"), line);
    }

    private MacroDefinition ParseDefinition(string name, List<Parameter> parameters, string end)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var loops = _loops;
        _loops = 0;
        _expressions.NamesRead.Push(names);
        var body = ParseBody(end);
        _expressions.NamesRead.Pop();
        _loops = loops;
        bool Uses(string special) => names.Contains(special) && parameters.TrueForAll(parameter => parameter.Name != special);
        return new MacroDefinition(name, parameters, body, Uses("varargs"), Uses("kwargs"), Uses("caller"));
    }

    private List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        _tokens.ExpectOperator("(");
        while (!_tokens.Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var name = _tokens.Expect(TokenKind.Name, "the name of a parameter").Text;
            var fallback = _tokens.SkipOperator("=") ? _expressions.Parse() : null;
            if (fallback is null && parameters is [.., { Default: not null }])
            {
                _tokens.Fail("non-default argument follows default argument");
            }

            if (parameters.Exists(parameter => parameter.Name == name))
            {
                _tokens.Fail($"duplicate parameter '{name}'");
            }

            parameters.Add(new Parameter(name, fallback));
        }

        _tokens.ExpectOperator(")");
        return parameters;
    }
}
