using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>The tokens of a template, read one after the other.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _position;

    public Token Current => tokens[_position];

    /// <summary>The token after the current one.</summary>
    public Token Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <summary>Moves on, and returns the token that was current; the last one stays.</summary>
    public Token Take()
    {
        var token = Current;
        _position = Math.Min(_position + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipName(string name) => Current.IsName(name) && Skip();

    public bool SkipOperator(string symbol) => Current.IsOperator(symbol) && Skip();

    public void ExpectOperator(string symbol)
    {
        if (!SkipOperator(symbol))
        {
            Unexpected($"'{symbol}'");
        }
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            Unexpected($"'{name}'");
        }
    }

    public Token Expect(TokenKind kind, string description)
    {
        if (Current.Kind != kind)
        {
            Unexpected(description);
        }

        return Take();
    }

    [DoesNotReturn]
    public void Unexpected(string expected) => Fail($"expected {expected}, got {Current.Describe()}");

    [DoesNotReturn]
    public void Fail(string message) => throw new TemplateFault(message, Current.Line);

    private bool Skip()
    {
        Take();
        return true;
    }
}
