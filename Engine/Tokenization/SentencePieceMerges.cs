using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// The merges that a SentencePiece vocabulary implies: each way to cut a token into two symbols is a merge, and the token's score its
/// rank. Symbols are tokens, and the single characters that only occur inside of tokens, numbered after them.
/// </summary>
internal sealed class SentencePieceMerges
{
    /// <summary>Longer pieces would make loading slow; vocabularies in use stop at a few dozen characters.</summary>
    private const int MaxLength = 512;

    /// <summary>Two characters that follow each other in a token, but are none by themselves.</summary>
    private static readonly Merge NoMerge = new(0, -1);

    private readonly Vocabulary _vocabulary;
    private readonly Dictionary<Rune, int> _characters = [];

    public SentencePieceMerges(Vocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        Table = new MergeTable(vocabulary.Count * 4);
        var tokens = Enumerable.Range(0, vocabulary.Count)
            .Where(id => vocabulary.IsOrdinary(id) && vocabulary.Texts[id].Length > 0)
            .ToArray();
        foreach (var token in tokens)
        {
            AddCharacters(token);
        }

        var ranks = RankScores(tokens);
        foreach (var token in tokens)
        {
            AddMerges(token, ranks[vocabulary.Scores[token]]);
        }

        foreach (var token in tokens)
        {
            AddNeighbours(token);
        }
    }

    /// <summary>What two symbols become. Any two characters that are neighbours in a token are in it, merged or not.</summary>
    public MergeTable Table { get; }

    /// <summary>The symbol of a character; -1 if it is in no token.</summary>
    public int SymbolOf(Rune character) => _characters.TryGetValue(character, out var symbol) ? symbol : -1;

    private void AddCharacters(int token)
    {
        var text = _vocabulary.Texts[token];
        if (text.Length > MaxLength)
        {
            throw VocabularyReader.Invalid($"token {token} is {text.Length} characters long; allowed are {MaxLength}");
        }

        foreach (var character in text.EnumerateRunes())
        {
            if (!_characters.ContainsKey(character))
            {
                var isToken = _vocabulary.TryGetOrdinary(character.ToString(), out var id);
                _characters.Add(character, isToken ? id : _vocabulary.Count + _characters.Count);
            }
        }
    }

    /// <summary>The ranks of scores, 0 for the highest; equal scores are one rank.</summary>
    private Dictionary<float, int> RankScores(int[] tokens) =>
        tokens.Select(token => _vocabulary.Scores[token])
            .Distinct()
            .OrderDescending()
            .Select((score, rank) => (score, rank))
            .ToDictionary(pair => pair.score, pair => pair.rank);

    private void AddMerges(int token, int rank)
    {
        var text = _vocabulary.Texts[token].AsSpan();
        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text[i]) && TryGetSymbol(text[..i], out var left) && TryGetSymbol(text[i..], out var right))
            {
                Table.TryAdd(left, right, new Merge(rank, token));
            }
        }
    }

    private void AddNeighbours(int token)
    {
        var previous = -1;
        foreach (var character in _vocabulary.Texts[token].EnumerateRunes())
        {
            var symbol = _characters[character];
            if (previous >= 0)
            {
                Table.TryAdd(previous, symbol, NoMerge);
            }

            previous = symbol;
        }
    }

    private bool TryGetSymbol(ReadOnlySpan<char> text, out int symbol)
    {
        Rune.DecodeFromUtf16(text, out var first, out var length);
        return length == text.Length ? _characters.TryGetValue(first, out symbol) : _vocabulary.TryGetOrdinary(text, out symbol);
    }
}
