using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>A model of the engine, as the endpoints see it.</summary>
internal sealed class ServedLanguageModel : IServedModel
{
    /// <summary>A character of UTF-8 has up to four bytes, and a vocabulary without bytes makes one token of one that it lacks.</summary>
    private const int LongestCharacter = 4;

    private readonly LanguageModel _model;
    private readonly bool _addsBos;

    /// <param name="model">The model; it is disposed of with this one.</param>
    /// <param name="id">Its id in the API; null: its own.</param>
    /// <param name="options">How it was loaded.</param>
    public ServedLanguageModel(LanguageModel model, string? id, ModelOptions options)
    {
        _model = model;
        Id = id ?? model.Id;
        Fingerprint = FingerprintOf(model, options);
        _addsBos = model.Tokenizer.Encode("", addSpecial: true, parseSpecial: false) is [var first, ..] && first == model.Tokenizer.BosToken;
        var longestToken = Enumerable.Range(0, VocabularySize).Max(token => model.Tokenizer.GetBytes(token, renderSpecial: true).Length);
        MaxPromptBytes = (long)Math.Max(longestToken, LongestCharacter) * model.ContextLength;
    }

    public string Id { get; }

    public DateTimeOffset Created => _model.Created;

    public int ContextLength => _model.ContextLength;

    public int VocabularySize => _model.Tokenizer.VocabularySize;

    public string Fingerprint { get; }

    public IGenerator Generator => _model.Generator;

    public long MaxPromptBytes { get; }

    /// <inheritdoc cref="Commands.LoadModel"/>
    public static async Task<IServedModel> LoadAsync(
        string path, string? id, ModelOptions options, IProgress<LoadProgress> progress, IMeterFactory meters, CancellationToken cancellationToken)
    {
        var model = await LanguageModel.LoadAsync(path, options, progress, meters, cancellationToken: cancellationToken);
        return new ServedLanguageModel(model, id, options);
    }

    public int[] EncodeText(string text) => _model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: false);

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        var context = new JsonObject
        {
            ["messages"] = new JsonArray([.. messages.Select(ToJson)]),
            ["add_generation_prompt"] = true,
            ["bos_token"] = PieceOf(_model.Tokenizer.BosToken),
            ["eos_token"] = PieceOf(_model.Tokenizer.EosToken),
            // transformers always passes it, and templates ask whether it is none.
            ["tools"] = null,
        };
        // Most templates write the BOS themselves, and none may stand there twice; an EOS must not end a prompt that is to be continued.
        var tokens = _model.Tokenizer.Encode(_model.ChatTemplate.Render(context), addSpecial: false, parseSpecial: true);
        return _addsBos && (tokens.Length == 0 || tokens[0] != _model.Tokenizer.BosToken) ? [_model.Tokenizer.BosToken!.Value, .. tokens] : tokens;
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => _model.Tokenizer.GetBytes(token);

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private JsonNode ToJson(ChatMessage message)
    {
        var json = new JsonObject { ["role"] = message.Role, ["content"] = Guard(message.Content) };
        if (message.Name is not null)
        {
            json["name"] = Guard(message.Name);
        }

        return json;
    }

    // What users write is text, even where it looks like a control token.
    private string Guard(string text) => PromptGuard.Guard(text, _model.Tokenizer);

    private string PieceOf(int? token) => token is { } known ? _model.Tokenizer.GetPiece(known) : "";

    private static string FingerprintOf(LanguageModel model, ModelOptions options)
    {
        var version = typeof(ServedLanguageModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{version}|{model.Id}|{model.Created.UtcTicks}|{model.Config}|{options.Device}|{options.KvType}");
        return "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];
    }
}
