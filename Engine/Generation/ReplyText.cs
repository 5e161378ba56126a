using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// One choice's tokens on their way to text events: bytes to whole characters, stop texts held back. A token belongs to the character
/// that its first byte is part of, and is reported with it; a token that begins behind the beginning of the stop text is not reported at
/// all, and one that began before it is, although the end of its text is cut.
/// </summary>
internal sealed class ReplyText(int choice, IReadOnlyList<string> stops)
{
    private readonly StreamingDetokenizer _detokenizer = new();
    private readonly StopMatcher _matcher = new(stops);
    private readonly Queue<(GeneratedToken Token, int Start)> _waiting = new();
    private int _decoded;
    private int _released;

    // Characters that were said by somebody else.
    private int _said;

    /// <summary>Whether a stop text was found.</summary>
    public bool IsStopped => _matcher.IsStopped;

    /// <summary>Takes a token that was reported already, of a text that was.</summary>
    public void Skip(GeneratedToken token)
    {
        Append(token);
        _waiting.Clear();
    }

    /// <summary>So much of the text was reported: what is held back here may be among it, where later tokens had let it go there.</summary>
    public void Said(int textLength) => _said = Math.Max(0, textLength - _released);

    /// <summary>Takes a token, and returns what can be said now, if anything.</summary>
    public TextGenerated? Append(GeneratedToken token)
    {
        _waiting.Enqueue((token, _decoded));
        var text = Decode(_detokenizer.Append(token.Bytes.Span));
        return Release(text, all: false);
    }

    /// <summary>The last words: whatever was held back.</summary>
    public TextGenerated? Finish()
    {
        var text = IsStopped ? string.Empty : Decode(_detokenizer.Flush()) + _matcher.Flush();
        return Release(text, all: !IsStopped);
    }

    private string Decode(string text)
    {
        _decoded += text.Length;
        return _matcher.Append(text);
    }

    private TextGenerated? Release(string text, bool all)
    {
        _released += text.Length;
        var tokens = new List<GeneratedToken>();
        while (_waiting.TryPeek(out var next) && (all || next.Start < _released))
        {
            tokens.Add(_waiting.Dequeue().Token);
        }

        var known = Math.Min(_said, text.Length);
        (_said, text) = (_said - known, text[known..]);
        return text.Length == 0 && tokens.Count == 0 ? null : new TextGenerated(choice, text, tokens);
    }
}
