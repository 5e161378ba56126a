using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Tree;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>
/// Jinja's expressions, from the loosest to the tightest:
/// <code>
/// conditional  = binary ("if" binary ["else" conditional])*
/// binary       = or; and; "not"; comparisons and "in"; + -; ~; * / // %; **      (all from left to right)
/// unary        = ("-" | "+") unary | primary, then postfix, filters and tests
/// </code>
/// </summary>
internal sealed partial class ExpressionParser(TokenStream tokens)
{
    private const int Not = 3;
    private const int Comparison = 4;
    private const int Concatenation = 6;
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private static readonly Dictionary<string, (int Strength, Func<Value, Value, RenderState, Value> Apply)> Arithmetics = new()
    {
        ["+"] = (5, Arithmetic.Add),
        ["-"] = (5, Arithmetic.Subtract),
        ["*"] = (7, Arithmetic.Multiply),
        ["/"] = (7, Arithmetic.Divide),
        ["//"] = (7, Arithmetic.FloorDivide),
        ["%"] = (7, Arithmetic.Modulo),
        ["**"] = (8, Arithmetic.Power),
    };

    private int _nesting;

    /// <summary>Names that are read, for whoever is interested: macros take other arguments when they mention <c>varargs</c>.</summary>
    public Stack<HashSet<string>> NamesRead { get; } = new();

    /// <summary>Counts brackets and blocks inside each other; call <see cref="Leave"/> at the end.</summary>
    public void Enter()
    {
        if (++_nesting > TemplateLimits.MaxNesting)
        {
            tokens.Fail($"nested brackets and blocks: more than the {TemplateLimits.MaxNesting} allowed");
        }

        RenderState.CheckStack();
    }

    public void Leave() => _nesting--;

    public Expression Parse()
    {
        Enter();
        var expression = ParseBinary(1);
        while (tokens.Current is { Line: var line } && tokens.SkipName("if"))
        {
            var test = ParseBinary(1);
            expression = new ConditionalExpression(test, expression, tokens.SkipName("else") ? Parse() : null, line);
        }

        Leave();
        return expression;
    }

    /// <summary>An expression, or several with commas: a tuple.</summary>
    /// <param name="allowsConditional">Whether <c>if</c> belongs to the expression; in <c>for … in … if</c> it does not.</param>
    public Expression ParseTuple(bool allowsConditional = true, bool allowsEmpty = false)
    {
        var line = tokens.Current.Line;
        return ParseItems<Expression>(allowsConditional ? Parse : () => ParseBinary(1)) switch
        {
            ([var single], false) => single,
            ([], false) when !allowsEmpty => throw new TemplateFault($"expected an expression, got {tokens.Current.Describe()}", line),
            var (items, _) => new TupleExpression(items, line),
        };
    }

    /// <summary>Items with commas between, and whether there was any comma.</summary>
    public (List<T> Items, bool IsTuple) ParseItems<T>(Func<T> parse)
    {
        var items = new List<T>();
        var isTuple = false;
        while (!IsTupleEnd())
        {
            items.Add(parse());
            if (!tokens.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return (items, isTuple);
    }

    private Expression ParseBinary(int least)
    {
        var line = tokens.Current.Line;
        var left = least <= Not && tokens.SkipName("not") ? ParseNot(line) : ParseUnary(takesFilters: true);
        while (true)
        {
            line = tokens.Current.Line;
            var token = tokens.Current;
            if (least <= 1 && tokens.SkipName("or"))
            {
                left = new LogicalExpression(false, left, ParseBinary(2), line);
            }
            else if (least <= 2 && tokens.SkipName("and"))
            {
                left = new LogicalExpression(true, left, ParseBinary(Not), line);
            }
            else if (least <= Comparison && ComparisonOperator() is not null)
            {
                left = ParseComparison(left, line);
            }
            else if (least <= Concatenation && token.IsOperator("~"))
            {
                left = ParseConcatenation(left, line);
            }
            else if (token.Kind == TokenKind.Operator && Arithmetics.TryGetValue(token.Text, out var arithmetic) && least <= arithmetic.Strength)
            {
                tokens.Take();
                left = new BinaryExpression(arithmetic.Apply, left, ParseBinary(arithmetic.Strength + 1), line);
            }
            else
            {
                return left;
            }
        }
    }

    /// <summary>A comparison below <c>not</c> belongs to it: the result only takes part in <c>and</c> and <c>or</c>.</summary>
    private NotExpression ParseNot(int line)
    {
        Enter();
        var operand = ParseBinary(Not);
        Leave();
        return new NotExpression(operand, line);
    }

    private ComparisonExpression ParseComparison(Expression first, int line)
    {
        var rest = new List<(string, Expression)>();
        while (ComparisonOperator() is string symbol)
        {
            tokens.Take();
            if (symbol == "not in")
            {
                tokens.Take();
            }

            rest.Add((symbol, ParseBinary(Comparison + 1)));
        }

        return new ComparisonExpression(first, rest, line);
    }

    private string? ComparisonOperator()
    {
        var token = tokens.Current;
        return token.Kind == TokenKind.Operator && Comparisons.Contains(token.Text) ? token.Text
            : token.IsName("in") ? "in"
            : token.IsName("not") && tokens.Following.IsName("in") ? "not in"
            : null;
    }

    private ConcatenationExpression ParseConcatenation(Expression first, int line)
    {
        var parts = new List<Expression> { first };
        while (tokens.SkipOperator("~"))
        {
            parts.Add(ParseBinary(Concatenation + 1));
        }

        return new ConcatenationExpression(parts, line);
    }

    /// <summary>A sign binds tighter than filters: <c>-1 | abs</c> is 1.</summary>
    private Expression ParseUnary(bool takesFilters)
    {
        var line = tokens.Current.Line;
        Func<Value, RenderState, Value>? sign = tokens.SkipOperator("-") ? Arithmetic.Negate : tokens.SkipOperator("+") ? Arithmetic.Plus : null;
        Expression expression;
        if (sign is null)
        {
            expression = ParsePrimary();
        }
        else
        {
            Enter();
            expression = new UnaryExpression(sign, ParseUnary(takesFilters: false), line);
            Leave();
        }

        expression = ParsePostfix(expression);
        return takesFilters ? ParseFiltersAndTests(expression) : expression;
    }

    private bool IsTupleEnd()
    {
        var token = tokens.Current;
        return token.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || token.IsOperator(")");
    }
}
