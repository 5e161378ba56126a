namespace ManagedSwarm.Engine.Tokenization;

/// <summary>The tokens of a model and what its metadata say of them, checked. Made by <see cref="VocabularyReader"/>.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    /// <param name="texts">(tokens): as they stand in the file.</param>
    /// <param name="ids">The ids of all texts that are not empty.</param>
    public Vocabulary(string[] texts, TokenType[] types, Dictionary<string, int> ids)
    {
        Texts = texts;
        Types = types;
        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>(tokens): each token's text, in the spelling of its tokenizer (<c>▁the</c>, <c>Ġthe</c>).</summary>
    public string[] Texts { get; }

    /// <summary>(tokens)</summary>
    public TokenType[] Types { get; }

    /// <summary>(tokens): the higher, the earlier a piece is merged; empty if the file has none.</summary>
    public float[] Scores { get; init; } = [];

    public int? Bos { get; init; }

    public int? Eos { get; init; }

    public int? Unknown { get; init; }

    public bool AddBos { get; init; }

    public bool AddEos { get; init; }

    public bool AddSpacePrefix { get; init; }

    public required IReadOnlySet<int> EndOfGeneration { get; init; }

    public int Count => Texts.Length;

    /// <summary>
    /// The token that spells a piece of ordinary text. Control, unknown and byte tokens never do: text that happens to look like
    /// <c>&lt;s&gt;</c> or <c>&lt;0x0A&gt;</c> stays text. SentencePiece does the same; llama.cpp would find them here.
    /// </summary>
    public bool TryGetOrdinary(ReadOnlySpan<char> text, out int id) => _ids.TryGetValue(text, out id) && IsOrdinary(id);

    /// <summary>The token that a text is, of whatever type.</summary>
    public bool TryGet(ReadOnlySpan<char> text, out int id) => _ids.TryGetValue(text, out id);

    public bool IsOrdinary(int id) => Types[id] is not (TokenType.Control or TokenType.Unknown or TokenType.Byte);

    /// <summary>Whether a token is a mark of the model's own, which a reply does not show.</summary>
    public bool IsHidden(int id) => Types[id] is TokenType.Control or TokenType.Unknown;
}
