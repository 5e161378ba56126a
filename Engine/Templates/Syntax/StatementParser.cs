using ManagedSwarm.Engine.Templates.Tree;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Jinja's statements: text, <c>{{ … }}</c> and the tags.</summary>
internal sealed partial class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly Dictionary<string, Func<int, Statement>> _tags;
    private readonly Stack<string> _openTags = new();

    /// <summary>Loops around the current place, inside the same macro.</summary>
    private int _loops;

    private StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
        _tags = new Dictionary<string, Func<int, Statement>>(StringComparer.Ordinal)
        {
            ["if"] = ParseIf,
            ["for"] = ParseFor,
            ["break"] = line => ParseJump(Flow.Break, line),
            ["continue"] = line => ParseJump(Flow.Continue, line),
            ["set"] = ParseSet,
            ["macro"] = ParseMacro,
            ["call"] = ParseCall,
            ["filter"] = ParseFilter,
            ["with"] = ParseWith,
            ["block"] = ParseBlock,
            ["print"] = ParsePrint,
            ["generation"] = line => new ScopeStatement([], ParseBody("endgeneration"), line),
            ["include"] = line => ParseUnsupported("include", line),
            ["import"] = line => ParseUnsupported("import", line),
            ["from"] = line => ParseUnsupported("from", line),
            ["extends"] = line => ParseUnsupported("extends", line),
        };
    }

    /// <exception cref="TemplateFault">With the line.</exception>
    public static Body Parse(string source) => new StatementParser(new TokenStream(Lexer.Tokenize(source))).ParseUntil([]);

    /// <summary>Statements up to one of the tags that end them, which stays the current token.</summary>
    private Body ParseUntil(string[] ends)
    {
        _expressions.Enter();
        var statements = new List<Statement>();
        while (true)
        {
            var token = _tokens.Current;
            if (token.Kind == TokenKind.End)
            {
                return ends.Length == 0 ? Finish(statements) : throw UnexpectedEnd(ends, token);
            }

            _tokens.Take();
            if (token.Kind == TokenKind.Data)
            {
                statements.Add(new TextStatement(token.Text, token.Line));
            }
            else if (token.Kind == TokenKind.VariableBegin)
            {
                statements.Add(new OutputStatement(_expressions.ParseTuple(), token.Line));
                _tokens.Expect(TokenKind.VariableEnd, "end of print statement");
            }
            else if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
            {
                return Finish(statements);
            }
            else
            {
                statements.Add(ParseTag(ends));
                _tokens.Expect(TokenKind.BlockEnd, "end of statement block");
            }
        }
    }

    private Body Finish(List<Statement> statements)
    {
        _expressions.Leave();
        return new Body(statements);
    }

    private Statement ParseTag(string[] ends)
    {
        var token = _tokens.Expect(TokenKind.Name, "the name of a tag");
        if (!_tags.TryGetValue(token.Text, out var parse))
        {
            var looking = ends.Length == 0 ? "" : $"; looking for {string.Join(" or ", ends)} of '{_openTags.Peek()}'";
            throw new TemplateFault($"unknown tag '{token.Text}'{looking}", token.Line);
        }

        _openTags.Push(token.Text);
        var statement = parse(token.Line);
        _openTags.Pop();
        return statement;
    }

    private TemplateFault UnexpectedEnd(string[] ends, Token token) => new(
        $"unexpected end of template: looking for {string.Join(" or ", ends)} of '{_openTags.Peek()}'", token.Line);

    /// <summary>The rest of a tag, then statements up to another tag, then that tag's name.</summary>
    private Body ParseBodyUntil(out string end, params string[] ends)
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd, "end of statement block");
        var body = ParseUntil(ends);
        end = _tokens.Take().Text;
        return body;
    }

    private Body ParseBody(string end) => ParseBodyUntil(out _, end);

    private IfStatement ParseIf(int line)
    {
        var branches = new List<(Expression, Body)>();
        string end;
        do
        {
            var test = _expressions.ParseTuple(allowsConditional: false);
            branches.Add((test, ParseBodyUntil(out end, "elif", "else", "endif")));
        }
        while (end == "elif");
        return new IfStatement(branches, end == "else" ? ParseBody("endif") : null, line);
    }

    private ForStatement ParseFor(int line)
    {
        var target = ParseTargets(allowsNamespace: false);
        _tokens.ExpectName("in");
        var items = _expressions.ParseTuple(allowsConditional: false);
        var test = _tokens.SkipName("if") ? _expressions.Parse() : null;
        var isRecursive = _tokens.SkipName("recursive");
        _loops++;
        var body = ParseBodyUntil(out var end, "endfor", "else");
        _loops--;
        return new ForStatement(target, items, test, isRecursive, body, end == "else" ? ParseBody("endfor") : null, line);
    }

    private JumpStatement ParseJump(Flow flow, int line) => _loops > 0
        ? new JumpStatement(flow, line)
        : throw new TemplateFault($"'{(flow == Flow.Break ? "break" : "continue")}' outside of a loop", line);

    private Statement ParseSet(int line)
    {
        var target = ParseTargets(allowsNamespace: true);
        if (_tokens.SkipOperator("="))
        {
            return new SetStatement(target, _expressions.ParseTuple(), line);
        }

        var filters = _tokens.SkipOperator("|") ? _expressions.ParseFilters() : [];
        return new SetBlockStatement(target, filters, ParseBody("endset"), line);
    }

    private FilterStatement ParseFilter(int line) => new(_expressions.ParseFilters(), ParseBody("endfilter"), line);

    private ScopeStatement ParseWith(int line)
    {
        var variables = new List<(AssignmentTarget, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd && !_tokens.Current.IsOperator(":"))
        {
            if (variables.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var target = ParseTarget(allowsNamespace: false);
            _tokens.ExpectOperator("=");
            variables.Add((target, _expressions.Parse()));
        }

        return new ScopeStatement(variables, ParseBody("endwith"), line);
    }

    private BlockStatement ParseBlock(int line)
    {
        var name = _tokens.Expect(TokenKind.Name, "the name of a block").Text;
        var isScoped = _tokens.SkipName("scoped");
        _tokens.SkipName("required");
        var loops = _loops;
        _loops = 0;
        var body = ParseBody("endblock");
        _loops = loops;
        _tokens.SkipName(name);
        return new BlockStatement(isScoped, body, line);
    }

    private ScopeStatement ParsePrint(int line)
    {
        var values = _expressions.ParseItems(_expressions.Parse).Items;
        return new ScopeStatement([], new Body([.. values.Select(value => new OutputStatement(value, value.Line))]), line);
    }

    private UnsupportedStatement ParseUnsupported(string tag, int line)
    {
        while (_tokens.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            _tokens.Take();
        }

        return new UnsupportedStatement(tag, line);
    }
}
