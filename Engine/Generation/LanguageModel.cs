using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Templates;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Generation;

/// <summary>A model that is ready to answer: file, device, stage, head, tokenizer, chat template and generator, put together.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private readonly OwnedResources _resources;

    private LanguageModel(GgufFile file, ModelConfig config, int contextLength, IGenerator generator, Texts texts, OwnedResources resources)
    {
        _resources = resources;
        Config = config;
        ContextLength = contextLength;
        Id = file.ModelName;
        Created = new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path));
        (Tokenizer, ChatTemplate) = texts;
        Generator = generator;
    }

    /// <summary>The name that clients call it by: <see cref="GgufFile.ModelName"/>.</summary>
    public string Id { get; }

    /// <summary>When its file was written.</summary>
    public DateTimeOffset Created { get; }

    public ModelConfig Config { get; }

    /// <summary>Tokens of context per request.</summary>
    public int ContextLength { get; }

    public Tokenizer Tokenizer { get; }

    public ChatTemplate ChatTemplate { get; }

    public IGenerator Generator { get; }

    /// <summary>What its parts take of the memory of whoever has them.</summary>
    public required ModelMemory Memory { get; init; }

    /// <summary>Opens a model file and makes it ready.</summary>
    /// <param name="path">A GGUF file; of a split model, the first.</param>
    /// <param name="options">Device, threads, context.</param>
    /// <param name="progress">Told how many bytes of weights are in memory.</param>
    /// <param name="meters">Where the metrics go.</param>
    /// <param name="time">The clock of the metrics.</param>
    /// <param name="stages">Where the layers are; null: all on this machine.</param>
    /// <exception cref="EngineException">
    /// <c>file_not_found</c>, <c>not_a_file</c>, <c>no_weights</c>, <c>out_of_memory</c>, <c>invalid_value</c>, <c>unsupported_…</c>,
    /// <c>invalid_model</c>, <c>invalid_tokenizer</c>, <c>chat_template</c>, <c>torch_unavailable</c>; and what <paramref name="stages"/> throws.
    /// </exception>
    /// <exception cref="GgufFormatException">The file is not a well-formed GGUF file.</exception>
    public static async Task<LanguageModel> LoadAsync(
        string path,
        ModelOptions options,
        IProgress<LoadProgress>? progress = null,
        IMeterFactory? meters = null,
        TimeProvider? time = null,
        IStageSource? stages = null,
        CancellationToken cancellationToken = default)
    {
        RequireFile(path);
        var resources = new OwnedResources();
        try
        {
            var file = resources.Add(GgufFile.Open(path));
            var weights = new ModelWeights(file);

            // Whatever can be refused without them is, before the weights are read: that may take minutes.
            var texts = Texts.Read(file.Metadata, options.ChatTemplate);
            var kvCache = options.KvCacheFor(weights.Config);
            var limits = GeneratorOptionsFor(weights.Config, kvCache, options);
            limits.Validate();
            var request = new StageRequest
            {
                File = file,
                Weights = weights,
                Options = options,
                KvCache = kvCache,
                ContextLength = limits.ContextLength,
            };
            var (head, stage) = await LoadAsync(request, stages ?? new WholeModel(), resources, progress, cancellationToken);
            var generator = resources.Add(new Generator(head, stage, texts.Tokenizer, limits, time, meters));
            return new LanguageModel(file, weights.Config, limits.ContextLength, generator, texts, resources)
            {
                Memory = ModelMemory.Of(weights, kvCache, options.Device, options.Kernels),
            };
        }
        catch
        {
            await resources.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for the running step, and frees everything; the second time, nothing is done.</summary>
    public ValueTask DisposeAsync() => _resources.DisposeAsync();

    /// <summary>Loads what is on this machine, and has the source bring the rest.</summary>
    private static async Task<(IHead Head, IStage Stage)> LoadAsync(
        StageRequest request, IStageSource stages, OwnedResources resources, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        var (weights, options) = (request.Weights, request.Options);
        var here = await stages.PlanAsync(request, cancellationToken);
        MemoryNeed.Of(weights, request.KvCache, options.Device, options.Kernels, here).RequireWithin(options.MemoryLimit, request.File.Path);
        var device = resources.Add(options.CreateDevice());

        var monitor = new LoadMonitor(MemoryNeed.FileBytes(weights, here), progress, cancellationToken);
        var head = resources.Add(await Task.Run(() => device.CreateHead(weights, monitor), cancellationToken));
        var stage = resources.Add(await stages.CreateAsync(request, device, monitor, cancellationToken));
        var all = new LayerRange(0, weights.Config.LayerCount);
        if (stage.Layers != all)
        {
            throw new EngineException("layer_range", $"the stages have the layers {stage.Layers}; expected are the model's, {all}");
        }

        monitor.Complete();
        return (head, stage);
    }

    private static GeneratorOptions GeneratorOptionsFor(ModelConfig config, KvCacheOptions kvCache, ModelOptions options)
    {
        var limits = new GeneratorOptions
        {
            HiddenSize = config.HiddenSize,
            ContextLength = options.ContextFor(config),
            CapacityTokens = kvCache.CapacityTokens,
            BlockLength = kvCache.BlockLength,
            QueueLength = options.QueueLength,
            PrefixCache = options.PrefixCache,
        };

        // A GPU computes hundreds of tokens in about the time of one: replies need no protection from prompts, and chunks win nothing.
        return options.Device == DeviceKind.Cuda
            ? limits with { PromptTokensBesideReplies = limits.TokensPerStep, PromptTokensPerStepInFlight = limits.TokensPerStep }
            : limits;
    }

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

    /// <summary>What the metadata say about text, as far as the user does not say otherwise.</summary>
    private sealed record Texts(Tokenizer Tokenizer, ChatTemplate ChatTemplate)
    {
        public static Texts Read(GgufMetadata metadata, string? chatTemplate)
        {
            var template = chatTemplate ?? (metadata.TryGet<string>("tokenizer.chat_template", out var own) ? own : null);
            return new(Tokenizer.FromMetadata(metadata), template is null ? ChatTemplate.Default : ChatTemplate.Parse(template));
        }
    }
}
