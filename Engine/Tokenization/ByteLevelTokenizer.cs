using System.Buffers;
using System.Text;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// Byte-level BPE (GPT-2, Llama 3, Qwen 2): a pre-tokenizer cuts the text into words, each word is a row of bytes, and the merges of
/// the vocabulary join them, lowest rank first. A byte that the vocabulary does not have is left out, as in llama.cpp.
/// </summary>
internal sealed class ByteLevelTokenizer : VocabularyTokenizer
{
    private static readonly Action<ReadOnlySpan<char>, (ByteLevelTokenizer Tokenizer, TokenOutput Output)> EncodeWordOf =
        (word, state) => state.Tokenizer.EncodeWord(word, state.Output);

    private readonly PreTokenizer _preTokenizer;

    /// <summary>(256): the token of each byte; -1 if there is none.</summary>
    private readonly int[] _byteTokens = new int[256];

    private readonly int _longestText;

    private ByteLevelTokenizer(Vocabulary vocabulary, PreTokenizer preTokenizer, string[] merges)
        : base(vocabulary)
    {
        _preTokenizer = preTokenizer;
        _longestText = vocabulary.Texts.Max(text => text.Length);
        for (var value = 0; value < _byteTokens.Length; value++)
        {
            _byteTokens[value] = vocabulary.TryGetOrdinary([ByteAlphabet.ToCharacter((byte)value)], out var token) ? token : -1;
        }

        Bytes = new TokenBytes(vocabulary.Count, WriteBytes);
        Merges = MakeMerges(vocabulary, merges);
    }

    protected override TokenBytes Bytes { get; }

    protected override MergeTable Merges { get; }

    /// <inheritdoc cref="Tokenizer.FromMetadata"/>
    public static ByteLevelTokenizer Read(GgufMetadata metadata)
    {
        var preTokenizer = PreTokenizer.Named(metadata.Get(VocabularyReader.Key("pre"), PreTokenizer.DefaultName));
        var vocabulary = VocabularyReader.Read(metadata, new TokenizerDefaults { AddBos = preTokenizer.AddsBos });
        return metadata.TryGetArray<string>(VocabularyReader.Key("merges"), out var merges)
            ? new ByteLevelTokenizer(vocabulary, preTokenizer, merges)
            : throw VocabularyReader.Invalid($"'{VocabularyReader.Key("merges")}' is missing; a gpt2 tokenizer needs it");
    }

    protected override void EncodePlain(ReadOnlySpan<char> text, TokenOutput output) =>
        _preTokenizer.Split(text, (this, output), EncodeWordOf);

    private static MergeTable MakeMerges(Vocabulary vocabulary, string[] merges)
    {
        var table = new MergeTable(merges.Length);
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var (left, right, result) = ParseMerge(vocabulary, merges[rank], rank);
            // A merge into a control token would make it from plain text.
            if (vocabulary.IsOrdinary(result))
            {
                table.TryAdd(left, right, new Merge(rank, result));
            }
        }

        return table;
    }

    /// <summary>A merge is two tokens with a space between, which are a token together.</summary>
    private static (int Left, int Right, int Result) ParseMerge(Vocabulary vocabulary, string merge, int rank)
    {
        var space = merge.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || space == merge.Length - 1 || merge.AsSpan(space + 1).Contains(' '))
        {
            throw InvalidMerge(merge, rank, "allowed are two tokens with one space between");
        }

        var left = Find(merge.AsSpan(0, space));
        var right = Find(merge.AsSpan(space + 1));
        return (left, right, Find(merge.Remove(space, 1)));

        int Find(ReadOnlySpan<char> text) => vocabulary.TryGet(text, out var token)
            ? token
            : throw InvalidMerge(merge, rank, $"{VocabularyReader.Quote(text.ToString())} is not a token");
    }

    private static EngineException InvalidMerge(string merge, int rank, string reason) =>
        VocabularyReader.Invalid($"element {rank} of '{VocabularyReader.Key("merges")}' is {VocabularyReader.Quote(merge)}: {reason}");

    private void WriteBytes(int token, IBufferWriter<byte> output)
    {
        var text = Vocabulary.Texts[token];
        if (Vocabulary.IsHidden(token) || Vocabulary.Types[token] == TokenType.UserDefined)
        {
            Encoding.UTF8.GetBytes(text, output);
        }
        else
        {
            ByteAlphabet.Decode(text, output);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, TokenOutput output)
    {
        const int stackLimit = 256;
        var capacity = Encoding.UTF8.GetMaxByteCount(word.Length);
        var rented = capacity > stackLimit ? ArrayPool<byte>.Shared.Rent(capacity) : null;
        var buffer = rented ?? stackalloc byte[stackLimit];
        var bytes = buffer[..Encoding.UTF8.GetBytes(word, buffer)];
        if (_preTokenizer.IgnoresMerges && TryGetWhole(bytes, out var token))
        {
            output.Tokens.Add(token);
        }
        else
        {
            MergeBytes(bytes, output);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TryGetWhole(ReadOnlySpan<byte> word, out int token)
    {
        const int stackLimit = 256;
        token = -1;
        if (word.Length > _longestText || word.Length > stackLimit)
        {
            return false;
        }

        Span<char> text = stackalloc char[word.Length];
        for (var i = 0; i < word.Length; i++)
        {
            text[i] = ByteAlphabet.ToCharacter(word[i]);
        }

        return Vocabulary.TryGetOrdinary(text, out token);
    }

    private void MergeBytes(ReadOnlySpan<byte> word, TokenOutput output)
    {
        var merger = output.Merger;
        merger.Clear();
        foreach (var value in word)
        {
            merger.Add(_byteTokens[value], value);
        }

        merger.Merge();
        foreach (var (token, _) in merger)
        {
            if (token >= 0)
            {
                output.Tokens.Add(token);
            }
        }
    }
}
