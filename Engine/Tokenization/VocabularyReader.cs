using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>Reads and checks the <c>tokenizer.ggml.*</c> metadata that both kinds of tokenizer have.</summary>
internal sealed class VocabularyReader
{
    /// <summary>"There is no such token", as files write it.</summary>
    private const long NoToken = uint.MaxValue;

    /// <summary>A reply is over after a token with one of these texts. llama.cpp goes by text too, since converters rarely say.</summary>
    private static readonly string[] EndOfGenerationTexts =
    [
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>",
        "<｜end▁of▁sentence｜>",
        // What follows a gap that was filled in: the padding, another file, another repository.
        "<|fim_pad|>", "<fim-pad>", "<PAD>", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<|file_sep|>",
    ];

    /// <summary>Marks of fill-in-the-middle. Converters call them user-defined, which would let a user's text contain them.</summary>
    private static readonly string[] FillInMiddleTexts =
    [
        "<|fim_prefix|>", "<fim-prefix>", "<｜fim▁begin｜>", "<PRE>",
        "<|fim_suffix|>", "<fim-suffix>", "<｜fim▁hole｜>", "<SUF>",
        "<|fim_middle|>", "<fim-middle>", "<｜fim▁end｜>", "<MID>",
    ];

    private readonly GgufMetadata _metadata;
    private readonly string[] _texts;
    private readonly Dictionary<string, int> _ids;

    private VocabularyReader(GgufMetadata metadata)
    {
        _metadata = metadata;
        if (!metadata.TryGetArray<string>(Key("tokens"), out var texts) || texts.Length == 0)
        {
            throw Missing($"'{Key("tokens")}' is missing or empty");
        }

        _texts = texts;
        _ids = Index(texts);
    }

    /// <exception cref="EngineException"><c>missing_tokenizer</c>, <c>invalid_tokenizer</c>.</exception>
    public static Vocabulary Read(GgufMetadata metadata, TokenizerDefaults defaults) => new VocabularyReader(metadata).Read(defaults);

    public static string Key(string name) => $"tokenizer.ggml.{name}";

    /// <summary>An error about a model that has no vocabulary at all.</summary>
    public static EngineException Missing(string reason) => new("missing_tokenizer", $"the model has no vocabulary: {reason}");

    /// <summary>An error about metadata that contradict themselves.</summary>
    public static EngineException Invalid(string message) => new("invalid_tokenizer", message);

    /// <summary>A text from the file, fit for one line: short, and without control characters.</summary>
    public static string Quote(string text)
    {
        const int limit = 60;
        var shown = string.Concat(text.Take(limit).Select(character => char.IsControl(character) ? '?' : character));
        return text.Length > limit ? $"'{shown}…'" : $"'{shown}'";
    }

    private Vocabulary Read(TokenizerDefaults defaults)
    {
        var bos = ReadId("bos_token_id", defaults.Bos);
        var eos = ReadId("eos_token_id", defaults.Eos);
        var unknown = ReadId("unknown_token_id", defaults.Unknown);
        var types = ReadTypes(bos, eos, unknown);
        return new Vocabulary(_texts, types, _ids)
        {
            Scores = ReadScores(),
            Bos = bos,
            Eos = eos,
            Unknown = unknown,
            AddBos = ReadAdd("add_bos_token", defaults.AddBos, bos, "bos_token_id"),
            AddEos = ReadAdd("add_eos_token", false, eos, "eos_token_id"),
            AddSpacePrefix = _metadata.Get(Key("add_space_prefix"), defaults.AddSpacePrefix),
            EndOfGeneration = ReadEndOfGeneration(types, eos),
        };
    }

    private static Dictionary<string, int> Index(string[] texts)
    {
        var ids = new Dictionary<string, int>(texts.Length, StringComparer.Ordinal);
        for (var id = 0; id < texts.Length; id++)
        {
            if (texts[id].Length > 0 && !ids.TryAdd(texts[id], id))
            {
                throw Invalid($"'{Key("tokens")}' has {Quote(texts[id])} twice, as {ids[texts[id]]} and {id}; each text may occur once");
            }
        }

        return ids;
    }

    private TokenType[] ReadTypes(int? bos, int? eos, int? unknown)
    {
        var types = new TokenType[_texts.Length];
        if (TryGetPerToken<int>("token_type", out var numbers))
        {
            for (var id = 0; id < types.Length; id++)
            {
                types[id] = numbers[id] is >= (int)TokenType.Undefined and <= (int)TokenType.Byte
                    ? (TokenType)numbers[id]
                    : throw Invalid($"element {id} of '{Key("token_type")}' is {numbers[id]}; allowed are 0 to 6");
            }
        }
        else
        {
            for (var id = 0; id < types.Length; id++)
            {
                types[id] = _texts[id] is ['<', '0', 'x', _, _, '>'] ? TokenType.Byte : TokenType.Normal;
            }

            SetType(types, bos, TokenType.Control);
            SetType(types, eos, TokenType.Control);
            SetType(types, unknown, TokenType.Unknown);
        }

        foreach (var text in EndOfGenerationTexts.Concat(FillInMiddleTexts))
        {
            SetType(types, Find(text), TokenType.Control);
        }

        return types;
    }

    private static void SetType(TokenType[] types, int? id, TokenType type)
    {
        if (id is { } token)
        {
            types[token] = type;
        }
    }

    private float[] ReadScores()
    {
        if (!TryGetPerToken<float>("scores", out var scores))
        {
            return [];
        }

        var bad = Array.FindIndex(scores, float.IsNaN);
        return bad < 0 ? scores : throw Invalid($"element {bad} of '{Key("scores")}' is not a number");
    }

    private bool TryGetPerToken<T>(string name, [NotNullWhen(true)] out T[]? values)
    {
        if (!_metadata.TryGetArray(Key(name), out values))
        {
            return false;
        }

        return values.Length == _texts.Length
            ? true
            : throw Invalid($"'{Key(name)}' has {values.Length} elements, one for each of the {_texts.Length} tokens is needed");
    }

    private int? ReadId(string name, int? fallback = null)
    {
        if (!_metadata.TryGet<long>(Key(name), out var id))
        {
            return fallback < _texts.Length ? fallback : null;
        }

        if (id == NoToken || id == -1)
        {
            return null;
        }

        return id >= 0 && id < _texts.Length
            ? (int)id
            : throw Invalid($"'{Key(name)}' is {id}; allowed are 0 to {_texts.Length - 1}, or {NoToken} for none");
    }

    /// <summary>By default BOS is added only if there is one; a file that asks for what it does not have is wrong.</summary>
    private bool ReadAdd(string name, bool fallback, int? id, string idName)
    {
        if (!_metadata.TryGet<bool>(Key(name), out var add))
        {
            return fallback && id is not null;
        }

        return !add || id is not null ? add : throw Invalid($"'{Key(name)}' is true, but '{Key(idName)}' names no token");
    }

    private HashSet<int> ReadEndOfGeneration(TokenType[] types, int? eos)
    {
        string[] names = ["eot_token_id", "eom_token_id", "fim_pad_token_id", "fim_rep_token_id", "fim_sep_token_id"];
        return names.Select(name => ReadId(name))
            .Concat(EndOfGenerationTexts.Select(Find))
            .Append(eos)
            .OfType<int>()
            .ToHashSet();
    }

    private int? Find(string text) => _ids.TryGetValue(text, out var id) ? id : null;
}
