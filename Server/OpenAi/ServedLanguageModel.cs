using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>A model of the engine, as the endpoints see it.</summary>
internal sealed class ServedLanguageModel : IServedModel
{
    /// <summary>A character of UTF-8 has up to four bytes, and a vocabulary without bytes makes one token of one that it lacks.</summary>
    private const int LongestCharacter = 4;

    private readonly LanguageModel _model;
    private readonly ChatPrompt _prompt;
    private readonly bool _addsBos;

    /// <param name="model">The model; it is disposed of with this one.</param>
    /// <param name="id">Its id in the API; null: its own.</param>
    /// <param name="options">How it was loaded.</param>
    public ServedLanguageModel(LanguageModel model, string? id, ModelOptions options)
    {
        _model = model;
        Id = id ?? model.Id;
        Fingerprint = FingerprintOf(model, options);
        Numerics = NumericsOf(model, options);
        var tokenizer = model.Tokenizer;
        _prompt = new ChatPrompt(model.ChatTemplate, PieceOf(tokenizer, tokenizer.BosToken), PieceOf(tokenizer, tokenizer.EosToken));
        _addsBos = tokenizer.Encode("", addSpecial: true, parseSpecial: false) is [var first, ..] && first == tokenizer.BosToken;
        var longestToken = Enumerable.Range(0, VocabularySize).Max(token => tokenizer.GetBytes(token, renderSpecial: true).Length);
        MaxPromptBytes = (long)Math.Max(longestToken, LongestCharacter) * model.ContextLength;
    }

    public string Id { get; }

    public DateTimeOffset Created => _model.Created;

    public int ContextLength => _model.ContextLength;

    public int VocabularySize => _model.Tokenizer.VocabularySize;

    public string Fingerprint { get; }

    public string Numerics { get; }

    public IGenerator Generator => _model.Generator;

    public ModelMemory? Memory => _model.Memory;

    public long MaxPromptBytes { get; }

    /// <inheritdoc cref="Serving.LoadModel"/>
    public static async Task<IServedModel> LoadAsync(
        string path, string? id, ModelOptions options, IProgress<LoadProgress> progress, IMeterFactory meters, IStageSource? stages, CancellationToken cancellationToken)
    {
        var model = await LanguageModel.LoadAsync(path, options, progress, meters, stages: stages, cancellationToken: cancellationToken);
        return new ServedLanguageModel(model, id, options);
    }

    public int[] EncodeText(string text) => _model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: false);

    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        // What users write is text, even where it looks like a control token.
        var text = _prompt.Render([.. messages.Select(ToJson)], guard: content => PromptGuard.Guard(content, _model.Tokenizer));
        // Most templates write the BOS themselves, and none may stand there twice; an EOS must not end a prompt that is to be continued.
        var tokens = _model.Tokenizer.Encode(text, addSpecial: false, parseSpecial: true);
        return _addsBos && (tokens.Length == 0 || tokens[0] != _model.Tokenizer.BosToken) ? [_model.Tokenizer.BosToken!.Value, .. tokens] : tokens;
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => _model.Tokenizer.GetBytes(token);

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private static JsonNode ToJson(ChatMessage message)
    {
        var json = new JsonObject { ["role"] = message.Role, ["content"] = message.Content };
        if (message.Name is not null)
        {
            json["name"] = message.Name;
        }

        return json;
    }

    private static string? PieceOf(Tokenizer tokenizer, int? token) => token is { } known ? tokenizer.GetPiece(known) : null;

    /// <summary>Only this device keeps its bits in any batch; what else a reply depends on is in the digest.</summary>
    private static string NumericsOf(LanguageModel model, ModelOptions options)
    {
        if (options.Device != DeviceKind.Cpu)
        {
            return "";
        }

        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var text = string.Create(CultureInfo.InvariantCulture, $"{VersionOfThis}|{options.Kernels}|{model.ContextLength}|{options.ChatTemplate}");
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];
        return string.Create(CultureInfo.InvariantCulture, $"{NumericIdentity.CurrentContract}-cpu-{processor}-{options.KvType}-{digest}").ToLowerInvariant();
    }

    private static string? VersionOfThis =>
        typeof(ServedLanguageModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static string FingerprintOf(LanguageModel model, ModelOptions options)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{VersionOfThis}|{model.Id}|{model.Created.UtcTicks}|{model.Config}|{options.Device}|{options.KvType}");
        return "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];
    }
}
