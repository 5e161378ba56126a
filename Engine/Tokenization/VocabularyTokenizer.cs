using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>What both kinds of tokenizer share: special tokens come first, and what is left between them is merged from symbols.</summary>
internal abstract class VocabularyTokenizer : Tokenizer
{
    private readonly SpecialTokenMatcher _hidden;
    private readonly SpecialTokenMatcher _userDefined;
    private readonly SpecialTokenMatcher _special;

    protected VocabularyTokenizer(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        var ids = Enumerable.Range(0, vocabulary.Count).ToArray();
        var userDefined = ids.Where(id => vocabulary.Types[id] == TokenType.UserDefined).ToArray();
        var hidden = ids.Where(vocabulary.IsHidden).ToArray();
        _hidden = new SpecialTokenMatcher(hidden, vocabulary.Texts);
        _userDefined = new SpecialTokenMatcher(userDefined, vocabulary.Texts);
        _special = new SpecialTokenMatcher(hidden.Concat(userDefined), vocabulary.Texts);
    }

    public override int VocabularySize => Vocabulary.Count;

    public override int? BosToken => Vocabulary.Bos;

    public override int? EosToken => Vocabulary.Eos;

    public override IReadOnlySet<int> EndOfGenerationTokens => Vocabulary.EndOfGeneration;

    internal override SpecialTokenMatcher? HiddenTokens => _hidden;

    internal Vocabulary Vocabulary { get; }

    /// <summary>The bytes of all tokens, control tokens included.</summary>
    protected abstract TokenBytes Bytes { get; }

    protected abstract MergeTable Merges { get; }

    public override int[] Encode(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var output = new TokenOutput(new SymbolMerger(Merges), []);
        if (addSpecial && Vocabulary.AddBos)
        {
            output.Tokens.Add(Vocabulary.Bos!.Value);
        }

        EncodeParts(ReplaceLoneSurrogates(text), parseSpecial ? _special : _userDefined, output);
        if (addSpecial && Vocabulary.AddEos)
        {
            output.Tokens.Add(Vocabulary.Eos!.Value);
        }

        return [.. output.Tokens];
    }

    public override ReadOnlyMemory<byte> GetBytes(int token, bool renderSpecial = false)
    {
        Check(token);
        return Vocabulary.IsHidden(token) && !renderSpecial ? default : Bytes[token];
    }

    public override string GetPiece(int token)
    {
        Check(token);
        return Vocabulary.Texts[token];
    }

    /// <summary>Appends the tokens of text that has no special tokens.</summary>
    protected abstract void EncodePlain(ReadOnlySpan<char> text, TokenOutput output);

    private void EncodeParts(string text, SpecialTokenMatcher matcher, TokenOutput output)
    {
        foreach (var part in matcher.Partition(text))
        {
            var plain = text.AsSpan(part.Start, part.Length);
            if (part.Token is { } token)
            {
                output.Tokens.Add(token);
                output.IsAfterText = false;
            }
            else if (plain.Contains(PromptGuard.Mark))
            {
                // What the marks kept apart is ordinary text now, in which user-defined tokens are still to be found.
                EncodeParts(PromptGuard.RemoveMarks(plain.ToString()), _userDefined, output);
            }
            else
            {
                EncodePlain(plain, output);
                output.IsAfterText = true;
            }
        }
    }

    private static string ReplaceLoneSurrogates(string text)
    {
        char[]? replaced = null;
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        for (var i = first < 0 ? text.Length : first; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                (replaced ??= text.ToCharArray())[i] = (char)Rune.ReplacementChar.Value;
            }
        }

        return replaced is null ? text : new string(replaced);
    }

    private void Check(int token)
    {
        if ((uint)token >= (uint)Vocabulary.Count)
        {
            throw new EngineException("token_out_of_range", $"token {token} is out of range; allowed are 0 to {Vocabulary.Count - 1}");
        }
    }

    /// <summary>Where the tokens of one call go.</summary>
    protected sealed class TokenOutput(SymbolMerger merger, List<int> tokens)
    {
        public SymbolMerger Merger { get; } = merger;

        public List<int> Tokens { get; } = tokens;

        /// <summary>Whether plain text came last, and not a special token or nothing.</summary>
        public bool IsAfterText { get; set; }
    }
}
