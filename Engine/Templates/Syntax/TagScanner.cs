namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Reads the tokens inside one tag. Brackets are balanced here, because a tag does not end inside of them: <c>{{ {'a': {}} }}</c>.</summary>
internal sealed class TagScanner(string source)
{
    private static readonly string[] TwoCharacterOperators = ["//", "**", "==", "!=", ">=", "<="];
    private readonly Stack<char> _closers = new();

    /// <summary>Whether all brackets are closed.</summary>
    public bool IsBalanced => _closers.Count == 0;

    /// <summary>Reads the token at a position that is not white space.</summary>
    public Token Read(int at, int line, out int next)
    {
        var c = source[at];
        if (char.IsAsciiDigit(c))
        {
            return ReadNumber(at, line, out next);
        }

        if (Character.IsWord(c))
        {
            for (next = at; next < source.Length && Character.IsWord(source[next]);)
            {
                next++;
            }

            return char.IsDigit(c)
                ? throw new TemplateFault("invalid character in identifier", line)
                : new Token(TokenKind.Name, source[at..next], line);
        }

        return c is '\'' or '"' ? ReadString(at, line, out next) : ReadOperator(at, line, out next);
    }

    private Token ReadString(int at, int line, out int next)
    {
        for (var end = at + 1; end < source.Length; end++)
        {
            if (source[end] == source[at])
            {
                next = end + 1;
                return new Token(TokenKind.String, StringLiteral.Unescape(source.AsSpan(at + 1, end - at - 1), line), line);
            }

            if (source[end] == '\\')
            {
                end++;
            }
        }

        throw new TemplateFault($"unexpected char {source[at]}: the string does not end", line);
    }

    private Token ReadOperator(int at, int line, out int next)
    {
        foreach (var symbol in TwoCharacterOperators)
        {
            if (source.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal))
            {
                next = at + 2;
                return new Token(TokenKind.Operator, symbol, line);
            }
        }

        var c = source[at];
        if (!"+-/*%~[](){}<>=.:|,;".Contains(c, StringComparison.Ordinal))
        {
            throw new TemplateFault($"unexpected char '{c}'", line);
        }

        Balance(c, line);
        next = at + 1;
        return new Token(TokenKind.Operator, c.ToString(), line);
    }

    private void Balance(char c, int line)
    {
        if ("({[".Contains(c, StringComparison.Ordinal))
        {
            _closers.Push(c switch { '(' => ')', '{' => '}', _ => ']' });
        }
        else if (")}]".Contains(c, StringComparison.Ordinal) && (!_closers.TryPop(out var expected) || expected != c))
        {
            throw new TemplateFault($"unexpected '{c}'" + (expected == '\0' ? "" : $", expected '{expected}'"), line);
        }
    }

    /// <summary>Python's numbers; after a dot only a whole one, so that <c>matrix.0.1</c> is two subscripts.</summary>
    private Token ReadNumber(int at, int line, out int next)
    {
        if (source[at] == '0' && ReadPrefixed(at) is int prefixed)
        {
            next = prefixed;
            return Number(TokenKind.Integer, at, next, line);
        }

        var digits = SkipDigits(at);
        next = digits;
        if (at == 0 || source[at - 1] != '.')
        {
            next = SkipExponent(SkipFraction(digits));
        }

        if (next == digits && source[at] == '0')
        {
            // A whole number that starts with zero is all zeros; what follows is another token, and an error.
            next = SkipSeparated(at, c => c == '0');
        }

        return Number(next > digits ? TokenKind.Float : TokenKind.Integer, at, next, line);
    }

    private Token Number(TokenKind kind, int start, int end, int line) =>
        new(kind, source[start..end].Replace("_", "", StringComparison.Ordinal), line);

    private int SkipDigits(int at) => SkipSeparated(at, char.IsAsciiDigit);

    private int SkipFraction(int at) => at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]) ? SkipDigits(at + 1) : at;

    private int SkipExponent(int at)
    {
        if (at >= source.Length || source[at] is not ('e' or 'E'))
        {
            return at;
        }

        var digits = at + 1 < source.Length && source[at + 1] is '+' or '-' ? at + 2 : at + 1;
        return digits < source.Length && char.IsAsciiDigit(source[digits]) ? SkipDigits(digits) : at;
    }

    /// <summary>The end of <c>0b…</c>, <c>0o…</c> or <c>0x…</c>.</summary>
    private int? ReadPrefixed(int at)
    {
        Func<char, bool>? isDigit = at + 1 >= source.Length ? null : char.ToLowerInvariant(source[at + 1]) switch
        {
            'b' => c => c is '0' or '1',
            'o' => c => c is >= '0' and <= '7',
            'x' => char.IsAsciiHexDigit,
            _ => null,
        };
        if (isDigit is null)
        {
            return null;
        }

        var start = at + 2 < source.Length && source[at + 2] == '_' ? at + 3 : at + 2;
        return start < source.Length && isDigit(source[start]) ? SkipSeparated(start, isDigit) : null;
    }

    /// <summary>Digits with single underscores between them.</summary>
    private int SkipSeparated(int at, Func<char, bool> isDigit)
    {
        while (at < source.Length && (isDigit(source[at]) || (source[at] == '_' && at + 1 < source.Length && isDigit(source[at + 1]))))
        {
            at++;
        }

        return at;
    }
}
