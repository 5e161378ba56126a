using System.Globalization;
using System.Numerics;
using ManagedSwarm.Engine.Templates.Builtins;
using ManagedSwarm.Engine.Templates.Tree;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Names, literals, and what may follow a value directly.</summary>
internal sealed partial class ExpressionParser
{
    public Expression ParsePrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(tokens.Take());
            case TokenKind.String:
                return new LiteralExpression(new StringValue(ParseString()), token.Line);
            case TokenKind.Integer:
                return new LiteralExpression(ParseInteger(tokens.Take()), token.Line);
            case TokenKind.Float:
                return new LiteralExpression(new FloatValue(double.Parse(tokens.Take().Text, CultureInfo.InvariantCulture)), token.Line);
            case TokenKind.Operator when tokens.SkipOperator("("):
                Enter();
                var inner = ParseTuple(allowsEmpty: true);
                Leave();
                tokens.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when tokens.SkipOperator("["):
                return new ListExpression(ParseSeries("]", Parse), token.Line);
            case TokenKind.Operator when tokens.SkipOperator("{"):
                return new DictExpression(ParseSeries("}", ParseEntry), token.Line);
            default:
                tokens.Fail($"unexpected {token.Describe()}");
                return null;
        }
    }

    /// <summary>What may follow a value directly: <c>.name</c>, <c>[…]</c>, <c>(…)</c>.</summary>
    public Expression ParsePostfix(Expression expression)
    {
        while (true)
        {
            var token = tokens.Current;
            if (tokens.SkipOperator("."))
            {
                expression = ParseAttribute(expression, token.Line);
            }
            else if (tokens.SkipOperator("["))
            {
                expression = ParseSubscript(expression, token.Line);
            }
            else if (token.IsOperator("("))
            {
                expression = new CallExpression(expression, ParseArguments(), token.Line);
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseName(Token token)
    {
        switch (token.Text)
        {
            case "true" or "True" or "false" or "False":
                return new LiteralExpression(BoolValue.Of(token.Text is "true" or "True"), token.Line);
            case "none" or "None":
                return new LiteralExpression(NoneValue.Instance, token.Line);
            default:
                foreach (var names in NamesRead)
                {
                    names.Add(token.Text);
                }

                return new NameExpression(token.Text, token.Line);
        }
    }

    /// <summary>Strings that follow each other are one.</summary>
    private string ParseString()
    {
        var text = tokens.Take().Text;
        while (tokens.Current.Kind == TokenKind.String)
        {
            text += tokens.Take().Text;
        }

        return text;
    }

    private static IntValue ParseInteger(Token token)
    {
        var number = NumberText.ParseInteger(token.Text, 0);
        return number is BigInteger value && value.GetBitLength() <= TemplateLimits.MaxIntegerBits
            ? new IntValue(value)
            : throw new TemplateFault("an integer is too long", token.Line);
    }

    private List<T> ParseSeries<T>(string close, Func<T> parse)
    {
        Enter();
        var items = new List<T>();
        while (!tokens.Current.IsOperator(close))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.Current.IsOperator(close))
                {
                    break;
                }
            }

            items.Add(parse());
        }

        Leave();
        tokens.ExpectOperator(close);
        return items;
    }

    private (Expression Key, Expression Value) ParseEntry()
    {
        var key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private Expression ParseAttribute(Expression target, int line)
    {
        var token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeExpression(target, token.Text, line),
            TokenKind.Integer => new ItemExpression(target, new LiteralExpression(ParseInteger(token), token.Line), line),
            _ => throw new TemplateFault($"expected a name or number after '.', got {token.Describe()}", token.Line),
        };
    }

    private Expression ParseSubscript(Expression target, int line)
    {
        var start = tokens.Current.IsOperator(":") ? null : Parse();
        if (tokens.SkipOperator(":"))
        {
            var stop = ParseSliceBound();
            var step = tokens.SkipOperator(":") ? ParseSliceBound() : null;
            tokens.ExpectOperator("]");
            return new SliceExpression(target, start, stop, step, line);
        }

        var keys = new List<Expression> { start! };
        while (tokens.SkipOperator(","))
        {
            keys.Add(Parse());
        }

        tokens.ExpectOperator("]");
        return new ItemExpression(target, keys.Count == 1 ? keys[0] : new TupleExpression(keys, line), line);
    }

    private Expression? ParseSliceBound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : Parse();
}
