namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>
/// Cuts a template into tokens: text, <c>{{ … }}</c>, <c>{% … %}</c>, <c>{# … #}</c>, <c>{% raw %}</c>. White space follows Jinja with
/// <c>trim_blocks</c> (a line break after a block or comment goes) and <c>lstrip_blocks</c> (so do blanks before one at the start of a line),
/// which is how transformers sets it up; <c>-</c> at a tag strips all white space there, <c>+</c> keeps it.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    private Lexer(string source) => _source = source;

    /// <exception cref="TemplateFault">With the line.</exception>
    public static List<Token> Tokenize(string source)
    {
        if (source.Length > TemplateLimits.MaxSource)
        {
            TemplateFault.ThrowLimit("characters in the template", TemplateLimits.MaxSource);
        }

        var lexer = new Lexer(NormalizeLineBreaks(source));
        while (lexer._position < lexer._source.Length)
        {
            lexer.ReadDataAndTag();
        }

        lexer._tokens.Add(new Token(TokenKind.End, "", lexer._line));
        return lexer._tokens;
    }

    /// <summary>Jinja reads every line break as <c>\n</c> and drops the one that ends the template.</summary>
    private static string NormalizeLineBreaks(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return source.EndsWith('\n') ? source[..^1] : source;
    }

    private void ReadDataAndTag()
    {
        var open = FindTag(_position);
        if (open < 0)
        {
            AddData(_source.Length);
            MoveTo(_source.Length);
            return;
        }

        var isVariable = _source[open + 1] == '{';
        var sign = CharAt(open + 2) is '-' or '+' ? CharAt(open + 2) : '\0';
        AddData(StripBefore(open, sign, isVariable));
        MoveTo(open);
        var inside = open + (sign == '\0' ? 2 : 3);
        if (_source[open + 1] == '#')
        {
            SkipComment(inside);
        }
        else if (!isVariable && RawBegin(inside) is int raw)
        {
            ReadRaw(raw);
        }
        else
        {
            _tokens.Add(new Token(isVariable ? TokenKind.VariableBegin : TokenKind.BlockBegin, "", _line));
            MoveTo(inside);
            ReadTag(isVariable);
        }
    }

    private int FindTag(int from)
    {
        for (var at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Where the text that starts here ends, when the tag at <paramref name="open"/> has taken its share of the white space.</summary>
    private int StripBefore(int open, char sign, bool isVariable)
    {
        var end = open;
        while (end > _position && Character.IsSpace(_source[end - 1]) && (sign == '-' || _source[end - 1] != '\n'))
        {
            end--;
        }

        if (sign == '-')
        {
            return end;
        }

        var startsLine = end == 0 || _source[end - 1] == '\n';
        return sign == '+' || isVariable || !startsLine ? open : end;
    }

    private void AddData(int end)
    {
        if (end > _position)
        {
            _tokens.Add(new Token(TokenKind.Data, _source[_position..end], _line));
        }
    }

    private void SkipComment(int inside)
    {
        var close = _source.IndexOf("#}", inside, StringComparison.Ordinal);
        if (close < 0)
        {
            throw new TemplateFault("missing end of comment tag", _line);
        }

        MoveTo(AfterClose(close, close > inside ? _source[close - 1] : '\0', trimsLineBreak: true));
    }

    /// <summary>The position after <c>raw %}</c>, if that is what stands here.</summary>
    private int? RawBegin(int at)
    {
        at = SkipSpace(at);
        if (!StartsWith(at, "raw"))
        {
            return null;
        }

        at = SkipSpace(at + 3);
        return StartsWith(at, "%}") ? at + 2 : StartsWith(at, "-%}") ? SkipSpace(at + 3) : null;
    }

    private void ReadRaw(int start)
    {
        MoveTo(start);
        for (var open = start; (open = _source.IndexOf("{%", open, StringComparison.Ordinal)) >= 0; open++)
        {
            var sign = CharAt(open + 2) is '-' or '+' ? CharAt(open + 2) : '\0';
            var at = SkipSpace(open + (sign == '\0' ? 2 : 3));
            if (!StartsWith(at, "endraw"))
            {
                continue;
            }

            at = SkipSpace(at + 6);
            var closeSign = CharAt(at) is '-' or '+' ? CharAt(at) : '\0';
            var close = closeSign == '\0' ? at : at + 1;
            if (StartsWith(close, "%}"))
            {
                AddData(StripBefore(open, sign, isVariable: false));
                MoveTo(AfterClose(close, closeSign, trimsLineBreak: true));
                return;
            }
        }

        throw new TemplateFault("missing end of raw directive", _line);
    }

    private void ReadTag(bool isVariable)
    {
        var scanner = new TagScanner(_source);
        while (_position < _source.Length)
        {
            if (scanner.IsBalanced && TagEnd(isVariable) is int end)
            {
                _tokens.Add(new Token(isVariable ? TokenKind.VariableEnd : TokenKind.BlockEnd, "", _line));
                MoveTo(end);
                return;
            }

            if (Character.IsSpace(_source[_position]))
            {
                MoveTo(SkipSpace(_position));
                continue;
            }

            _tokens.Add(scanner.Read(_position, _line, out var next));
            MoveTo(next);
        }
    }

    private int? TagEnd(bool isVariable)
    {
        var close = isVariable ? "}}" : "%}";
        var sign = _source[_position];
        if (StartsWith(_position, close))
        {
            return AfterClose(_position, '\0', trimsLineBreak: !isVariable);
        }

        var hasSign = sign == '-' || (sign == '+' && !isVariable);
        return hasSign && StartsWith(_position + 1, close) ? AfterClose(_position + 1, sign, trimsLineBreak: false) : null;
    }

    /// <summary>The position after a two-character closing delimiter and the white space that it takes with it.</summary>
    private int AfterClose(int close, char sign, bool trimsLineBreak) => sign switch
    {
        '-' => SkipSpace(close + 2),
        '+' => close + 2,
        _ => trimsLineBreak && CharAt(close + 2) == '\n' ? close + 3 : close + 2,
    };

    private void MoveTo(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    private int SkipSpace(int at)
    {
        while (at < _source.Length && Character.IsSpace(_source[at]))
        {
            at++;
        }

        return at;
    }

    private bool StartsWith(int at, string text) => at <= _source.Length && _source.AsSpan(at).StartsWith(text, StringComparison.Ordinal);

    private char CharAt(int at) => at < _source.Length ? _source[at] : '\0';
}
