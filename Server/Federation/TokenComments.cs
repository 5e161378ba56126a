using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.Federation;

/// <summary>Makes the comments of one reply; see <see cref="TokenComment"/>.</summary>
/// <param name="textLength">How long its text is before it begins here.</param>
internal sealed class TokenComments(int textLength)
{
    private readonly List<int> _tokens = [];
    private int _textLength = textLength;

    /// <summary>Takes an event; what is not written with it goes with the next one.</summary>
    public Func<byte[]> Next(GenerationEvent happened)
    {
        if (happened is TextGenerated text)
        {
            _tokens.AddRange(text.Tokens.Select(token => token.Token));
            _textLength += text.Text.Length;
        }

        return Take;
    }

    private byte[] Take()
    {
        var comment = TokenComment.Write(_tokens, _textLength);
        _tokens.Clear();
        return comment;
    }
}
