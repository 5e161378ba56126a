using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Decode;

/// <summary>Which of a step's tokens have their logits computed.</summary>
internal enum LogitRows
{
    None = 0,
    LastOfEach = 1,
    All = 2,
}

/// <summary>
/// A whole model on the CPU device, driven step by step as the generator drives it (embedding, stage, head), without scheduler and
/// sampling. Tokens are given: how fast they are computed does not depend on which they are.
/// </summary>
internal sealed class EngineSession : IAsyncDisposable
{
    /// <summary>As the generator has it, see <see cref="GeneratorOptions.TokensPerStep"/>.</summary>
    public const int TokensPerStep = 512;

    // Rows name a sequence of the scheduler, which is not here.
    private static readonly Sequence NoSequence = new(new SequenceGroup([], maxTokens: 0, choices: 1), choice: 0);

    private readonly GgufFile _file;
    private readonly CpuDevice _device;
    private readonly IHead _head;
    private readonly IStage _stage;
    private readonly StepRunner _runner;
    private readonly Dictionary<long, int> _lengths = [];
    private readonly StepInFlight _step = new(new WorkSignal());
    private readonly Random _random = new(1);

    /// <param name="path">A GGUF file.</param>
    /// <param name="settings">Threads, kernels, KV cache.</param>
    /// <param name="capacity">Tokens that all sequences together may have, at most; each takes whole blocks.</param>
    /// <param name="split">Makes a stage of all layers out of what makes one of some; null: one stage has them all.</param>
    public EngineSession(string path, EngineSettings settings, int capacity, Func<Func<LayerRange, IStage>, IStage>? split = null)
    {
        _file = GgufFile.Open(path);
        var weights = new ModelWeights(_file);
        Config = weights.Config;
        _device = new CpuDevice(settings.Threads, settings.Kernels);
        _head = _device.CreateHead(weights);
        _stage = split is null ? Create(new LayerRange(0, Config.LayerCount)) : split(Create);
        _runner = new StepRunner(_head, _stage, Config.HiddenSize, Config.VocabularySize);

        IStage Create(LayerRange layers) =>
            _device.CreateStage(weights, layers, new KvCacheOptions { Type = settings.KvType, CapacityTokens = capacity });
    }

    public ModelConfig Config { get; }

    private StepPlan Plan => _step.Plan;

    public GgufMetadata Metadata => _file.Metadata;

    public long FileBytes => _file.ByteLength;

    /// <summary>Bytes of the file that each decoded token needs: all weights, but of the embedding a row only.</summary>
    public long BytesPerToken => _file.Tensors.Sum(tensor => tensor.ByteLength) - (_file.TryGetTensor("output.weight", out _) ? EmbeddingBytes : 0);

    private long EmbeddingBytes => _file.TryGetTensor("token_embd.weight", out var embedding) ? embedding.ByteLength : 0;

    /// <summary>Tokens of no meaning, the same in every run.</summary>
    public int[] RandomTokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(Config.VocabularySize))];

    /// <summary>A new, empty sequence; the stage hears of it with the next step.</summary>
    public void Open(long sequence, int capacity)
    {
        Plan.Operations.Add(SequenceOperation.Open(sequence, capacity));
        _lengths.Add(sequence, 0);
    }

    /// <summary>Ends a sequence; the stage hears of it with the next step.</summary>
    public void Close(long sequence)
    {
        Plan.Operations.Add(SequenceOperation.Close(sequence));
        _lengths.Remove(sequence);
    }

    /// <summary>Drops a sequence's tokens from <paramref name="length"/> on.</summary>
    public void Truncate(long sequence, int length) => _lengths[sequence] = length;

    /// <summary>Appends a prompt in steps as long as the generator's; logits of its last token only.</summary>
    public void Prompt(long sequence, ReadOnlySpan<int> tokens)
    {
        while (!tokens.IsEmpty)
        {
            var count = Math.Min(TokensPerStep, tokens.Length);
            Append([sequence], tokens[..count], count == tokens.Length ? LogitRows.LastOfEach : LogitRows.None);
            tokens = tokens[count..];
        }
    }

    /// <summary>One step: appends to each sequence the same number of tokens.</summary>
    /// <param name="sequences">(sequences)</param>
    /// <param name="tokens">(sequences, count)</param>
    /// <param name="rows">Which logits are computed, see <see cref="LogitsOf"/>.</param>
    public void Append(ReadOnlySpan<long> sequences, ReadOnlySpan<int> tokens, LogitRows rows)
    {
        var count = tokens.Length / sequences.Length;
        for (var i = 0; i < sequences.Length; i++)
        {
            Plan.Segments.Add(new Segment(sequences[i], _lengths[sequences[i]], count));
            _lengths[sequences[i]] += count;
        }

        Plan.Tokens.AddRange(tokens);
        AddRows(rows, sequences.Length, count);
        _runner.Start(_step, CancellationToken.None);
        _runner.Finish(_step);
        Plan.Clear();
    }

    /// <summary>The logits of the last step's i-th row: (vocabularySize).</summary>
    public ReadOnlySpan<float> LogitsOf(int row) => _runner.LogitsOf(row);

    public async ValueTask DisposeAsync()
    {
        _runner.Dispose();
        await _stage.DisposeAsync();
        _head.Dispose();
        _device.Dispose();
        _file.Dispose();
    }

    private void AddRows(LogitRows rows, int sequences, int count)
    {
        var step = rows == LogitRows.All ? 1 : count;
        for (var i = step - 1; i < sequences * count && rows != LogitRows.None; i += step)
        {
            Plan.Rows.Add(new StepRow(i, NoSequence, IsPromptEnd: false));
        }
    }
}
