using ManagedSwarm.Engine.Templates.Tree;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Arguments, filters and tests.</summary>
internal sealed partial class ExpressionParser
{
    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        var positional = new List<Expression>();
        var keywords = new List<(string, Expression)>();
        Expression? rest = null;
        Expression? keywordRest = null;
        while (!tokens.Current.IsOperator(")"))
        {
            ParseArgument(positional, keywords, ref rest, ref keywordRest);
            if (!tokens.Current.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        tokens.ExpectOperator(")");
        return new ArgumentList(positional, keywords, rest, keywordRest);
    }

    /// <summary>Filters one after the other: <c>name(arguments) | name …</c>.</summary>
    public List<FilterCall> ParseFilters()
    {
        var filters = new List<FilterCall>();
        do
        {
            filters.Add(ParseFilter());
        }
        while (tokens.SkipOperator("|"));
        return filters;
    }

    private Expression ParseFiltersAndTests(Expression expression)
    {
        while (true)
        {
            if (tokens.SkipOperator("|"))
            {
                expression = new FilterExpression(expression, ParseFilter());
            }
            else if (tokens.SkipName("is"))
            {
                expression = ParseTest(expression);
            }
            else if (tokens.Current.IsOperator("("))
            {
                expression = new CallExpression(expression, ParseArguments(), tokens.Current.Line);
            }
            else
            {
                return expression;
            }
        }
    }

    private FilterCall ParseFilter()
    {
        var line = tokens.Current.Line;
        var name = ParseDottedName("the name of a filter");
        return new FilterCall(name, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty, line);
    }

    private Expression ParseTest(Expression operand)
    {
        var line = tokens.Current.Line;
        var isNegated = tokens.SkipName("not");
        var name = ParseDottedName("the name of a test");
        var arguments = ArgumentList.Empty;
        if (tokens.Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsTestArgument())
        {
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
        }

        var test = new TestExpression(operand, name, arguments, line);
        return isNegated ? new NotExpression(test, line) : test;
    }

    /// <summary>A test may have one argument without brackets: <c>x is divisibleby 3</c>.</summary>
    private bool StartsTestArgument()
    {
        var token = tokens.Current;
        if (token.IsName("is"))
        {
            tokens.Fail("you cannot chain multiple tests with is");
        }

        return token.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float || token.IsOperator("[") || token.IsOperator("{")
            || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and"));
    }

    private string ParseDottedName(string what)
    {
        var name = tokens.Expect(TokenKind.Name, what).Text;
        while (tokens.SkipOperator("."))
        {
            name += "." + tokens.Expect(TokenKind.Name, what).Text;
        }

        return name;
    }

    private void ParseArgument(
        List<Expression> positional, List<(string, Expression)> keywords, ref Expression? rest, ref Expression? keywordRest)
    {
        if (keywordRest is not null)
        {
            tokens.Fail("invalid syntax for function call: nothing can follow **");
        }

        if (tokens.SkipOperator("**"))
        {
            keywordRest = Parse();
        }
        else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
        {
            var name = tokens.Take().Text;
            tokens.Take();
            keywords.Add((name, Parse()));
        }
        else if (rest is not null)
        {
            tokens.Fail("invalid syntax for function call: only keywords can follow *");
        }
        else if (tokens.SkipOperator("*"))
        {
            rest = Parse();
        }
        else if (keywords.Count > 0)
        {
            tokens.Fail("invalid syntax for function call: a value cannot follow a keyword");
        }
        else
        {
            positional.Add(Parse());
        }
    }
}
