using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Generation;

/// <summary>A model that is ready to answer: file, device, stage, head, tokenizer, chat template and generator, put together.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private readonly GgufFile _file;
    private readonly IDevice _device;
    private readonly IStage _stage;
    private readonly IHead _head;

    private LanguageModel(
        GgufFile file,
        ModelWeights weights,
        Tokenizer tokenizer,
        ChatTemplate chatTemplate,
        KvCacheOptions kvCache,
        ModelOptions options,
        TimeProvider time,
        IMeterFactory? meters)
    {
        _file = file;
        Config = weights.Config;
        ContextLength = options.ContextFor(Config);
        Id = Path.GetFileNameWithoutExtension(file.Path);
        Created = new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path));
        Tokenizer = tokenizer;
        ChatTemplate = chatTemplate;
        _device = options.CreateDevice();
        _head = _device.CreateHead(weights);
        _stage = _device.CreateStage(weights, new LayerRange(0, Config.LayerCount), kvCache);
        Generator = new Generator(_head, _stage, Tokenizer, GeneratorOptionsFor(kvCache, options), time, meters);
    }

    /// <summary>The name that clients call it by: the file's, without its extension.</summary>
    public string Id { get; }

    /// <summary>When its file was written.</summary>
    public DateTimeOffset Created { get; }

    public ModelConfig Config { get; }

    /// <summary>Tokens of context per request.</summary>
    public int ContextLength { get; }

    public Tokenizer Tokenizer { get; }

    public ChatTemplate ChatTemplate { get; }

    public IGenerator Generator { get; }

    /// <summary>Opens a model file and makes it ready.</summary>
    /// <param name="path">A GGUF file; of a split model, the first.</param>
    /// <param name="options">Device, threads, context.</param>
    /// <param name="progress">Told how many bytes of weights are in memory.</param>
    /// <param name="meters">Where the metrics go.</param>
    /// <param name="time">The clock of the metrics.</param>
    /// <exception cref="EngineException"><c>file_not_found</c>, <c>not_a_file</c>, <c>no_weights</c>, <c>out_of_memory</c>, <c>unsupported_…</c>, <c>invalid_model</c>.</exception>
    /// <exception cref="GgufFormatException">The file is not a well-formed GGUF file.</exception>
    public static async Task<LanguageModel> LoadAsync(
        string path,
        ModelOptions options,
        IProgress<LoadProgress>? progress = null,
        IMeterFactory? meters = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        RequireFile(path);
        var file = GgufFile.Open(path);
        try
        {
            var weights = new ModelWeights(file);
            var kvCache = options.KvCacheFor(weights.Config);
            MemoryNeed.Of(weights, kvCache).RequireWithin(options.MemoryLimit, path);
            // Before the weights: what is refused is refused at once, not after minutes of reading.
            var tokenizer = Tokenizer.FromMetadata(file.Metadata);
            var chatTemplate = file.Metadata.TryGet<string>("tokenizer.chat_template", out var text) ? ChatTemplate.Parse(text) : ChatTemplate.Default;
            await Task.Run(() => weights.ReadAhead(progress, cancellationToken), cancellationToken);
            return new LanguageModel(file, weights, tokenizer, chatTemplate, kvCache, options, time ?? TimeProvider.System, meters);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Generator.DisposeAsync();
        await _stage.DisposeAsync();
        _head.Dispose();
        _device.Dispose();
        _file.Dispose();
    }

    private GeneratorOptions GeneratorOptionsFor(KvCacheOptions kvCache, ModelOptions options) => new()
    {
        HiddenSize = Config.HiddenSize,
        ContextLength = ContextLength,
        CapacityTokens = kvCache.CapacityTokens,
        BlockLength = kvCache.BlockLength,
        QueueLength = options.QueueLength,
    };

    private static void RequireFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new EngineException("not_a_file", $"'{path}' is a folder; a GGUF file is needed");
        }

        if (!File.Exists(path))
        {
            throw new EngineException("file_not_found", $"there is no file '{path}'");
        }
    }
}
