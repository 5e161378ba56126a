using System.Buffers;
using System.Globalization;
using System.Text;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// SentencePiece's BPE with byte fallback (Llama 1 and 2, Mistral): spaces become ▁, characters are symbols, and the pair whose
/// concatenation is the token of the highest score is merged first. What is no token in the end is spelled in byte tokens.
/// </summary>
internal sealed class SentencePieceTokenizer : VocabularyTokenizer
{
    private const char EscapedSpace = '▁';

    private readonly SentencePieceMerges _merges;

    /// <summary>(256): the token of each byte, or else the unknown token.</summary>
    private readonly int[] _byteTokens;

    private SentencePieceTokenizer(Vocabulary vocabulary)
        : base(vocabulary)
    {
        _byteTokens = ReadByteTokens(vocabulary);
        _merges = new SentencePieceMerges(vocabulary);
        Bytes = new TokenBytes(vocabulary.Count, WriteBytes);
    }

    protected override TokenBytes Bytes { get; }

    protected override MergeTable Merges => _merges.Table;

    /// <inheritdoc cref="Tokenizer.FromMetadata"/>
    public static SentencePieceTokenizer Read(GgufMetadata metadata)
    {
        var defaults = new TokenizerDefaults { Bos = 1, Eos = 2, Unknown = 0, AddBos = true, AddSpacePrefix = true };
        var vocabulary = VocabularyReader.Read(metadata, defaults);
        return vocabulary.Scores.Length > 0
            ? new SentencePieceTokenizer(vocabulary)
            : throw VocabularyReader.Invalid($"'{VocabularyReader.Key("scores")}' is missing; a llama tokenizer needs it");
    }

    private protected override bool HasAddedSpace(int token) =>
        Vocabulary.AddSpacePrefix && Vocabulary.IsOrdinary(token) && Vocabulary.Types[token] != TokenType.UserDefined
        && Vocabulary.Texts[token].StartsWith(EscapedSpace);

    protected override void EncodePlain(ReadOnlySpan<char> text, TokenOutput output)
    {
        var merger = output.Merger;
        merger.Clear();
        var previous = -1;
        if (Vocabulary.AddSpacePrefix && !output.IsAfterText)
        {
            previous = Add(new Rune(EscapedSpace), previous, output);
        }

        foreach (var rune in text.EnumerateRunes())
        {
            previous = Add(rune.Value == ' ' ? new Rune(EscapedSpace) : rune, previous, output);
        }

        Flush(output);
    }

    /// <summary>
    /// Appends a character. Where no token spans the border before it, what came before is finished first: the same result, and the
    /// merger has a word at a time to do instead of a prompt.
    /// </summary>
    private int Add(Rune rune, int previous, TokenOutput output)
    {
        var symbol = _merges.SymbolOf(rune);
        if (!Merges.TryGet(previous, symbol, out _))
        {
            Flush(output);
        }

        output.Merger.Add(symbol, rune.Value);
        return symbol;
    }

    private void Flush(TokenOutput output)
    {
        output.Merger.Merge();
        foreach (var (symbol, character) in output.Merger)
        {
            if (symbol >= 0 && symbol < Vocabulary.Count)
            {
                output.Tokens.Add(symbol);
            }
            else
            {
                SpellInBytes(new Rune(character), output.Tokens);
            }
        }

        output.Merger.Clear();
    }

    private void SpellInBytes(Rune rune, List<int> tokens)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
        {
            tokens.Add(_byteTokens[value]);
            if (tokens[^1] == Vocabulary.Unknown)
            {
                // One unknown token for a character, not for each of its bytes.
                return;
            }
        }
    }

    private void WriteBytes(int token, IBufferWriter<byte> output)
    {
        var text = Vocabulary.Texts[token];
        if (TryParseByte(token, Vocabulary) is { } value)
        {
            output.Write([value]);
        }
        else if (Vocabulary.IsHidden(token) || Vocabulary.Types[token] == TokenType.UserDefined)
        {
            Encoding.UTF8.GetBytes(text, output);
        }
        else
        {
            Encoding.UTF8.GetBytes(text.Replace(EscapedSpace, ' '), output);
        }
    }

    private static int[] ReadByteTokens(Vocabulary vocabulary)
    {
        var tokens = new int[256];
        Array.Fill(tokens, vocabulary.Unknown ?? -1);
        for (var token = 0; token < vocabulary.Count; token++)
        {
            if (TryParseByte(token, vocabulary) is { } value)
            {
                tokens[value] = token;
            }
        }

        var missing = Array.IndexOf(tokens, -1);
        return missing < 0
            ? tokens
            : throw VocabularyReader.Invalid($"the vocabulary has neither a token '<0x{missing:X2}>' nor an unknown token; one is needed");
    }

    /// <summary>The byte of a byte token, <c>&lt;0x0A&gt;</c>; null for any other token.</summary>
    private static byte? TryParseByte(int token, Vocabulary vocabulary)
    {
        if (vocabulary.Types[token] != TokenType.Byte)
        {
            return null;
        }

        var text = vocabulary.Texts[token];
        return text is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw VocabularyReader.Invalid($"byte token {token} is {VocabularyReader.Quote(text)}; allowed are '<0x00>' to '<0xFF>'");
    }
}
