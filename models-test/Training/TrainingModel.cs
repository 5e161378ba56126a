using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Gguf;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>
/// A llama with gradients: the function that Engine computes, in TorchSharp. Weights have the names and layouts that GGUF files have them
/// in; the embedding is the output matrix too.
/// </summary>
public sealed class TrainingModel : IDisposable
{
    private const float Epsilon = 1e-5f;

    // The embedding is the output matrix too: with larger numbers the first logits would be far from even.
    private const double EmbeddingDeviation = 0.05;

    private readonly ModelShape _shape;
    private readonly Dictionary<string, Parameter> _weights = [];
    private readonly Tensor _cosines; // (context, 1, pairs)
    private readonly Tensor _sines;

    /// <summary>A model that has learned nothing yet.</summary>
    /// <param name="shape">A llama with tied embeddings and without scaled positions.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    /// <exception cref="Engine.EngineException"><c>torch_unavailable</c></exception>
    public TrainingModel(ModelShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        if (shape is not { Architecture: "llama", TiedEmbeddings: true, RopeScaling: null, RopeFrequencies: false })
        {
            throw new ArgumentException("only a llama with tied embeddings and without scaled positions is trained", nameof(shape));
        }

        TorchRuntime.EnsureLoaded(cuda: false);
        _shape = shape;
        _ = manual_seed((long)shape.Seed);
        (_cosines, _sines) = Rotations();
        AddWeights();
    }

    /// <summary>By their names in the file.</summary>
    public IReadOnlyDictionary<string, Parameter> Weights => _weights;

    public long ParameterCount => _weights.Values.Sum(weight => weight.numel());

    /// <summary>Logits of the next token at every position. A text does not see those before it in its row.</summary>
    /// <param name="tokens">(rows, tokens), integers of 64 bits; each text begins with the first token of texts.</param>
    /// <returns>(rows, tokens, vocabulary)</returns>
    public Tensor Forward(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var mask = Mask(tokens);
        var hidden = _weights["token_embd.weight"].index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], -1);
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var prefix = $"blk.{layer}.";
            hidden = hidden + Attention(prefix, Normalize(hidden, $"{prefix}attn_norm.weight"), mask);
            hidden = hidden + FeedForward(prefix, Normalize(hidden, $"{prefix}ffn_norm.weight"));
        }

        return functional.linear(Normalize(hidden, "output_norm.weight"), _weights["token_embd.weight"]);
    }

    /// <summary>Takes the weights of a file.</summary>
    /// <exception cref="ArgumentException">A tensor is missing or of another shape.</exception>
    public void Load(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, weight) in _weights)
        {
            if (!file.TryGetTensor(name, out var info) || info.Rows * info.Columns != weight.numel())
            {
                throw new ArgumentException($"'{name}' is missing, or not of {weight.numel()} elements");
            }

            var values = new float[weight.numel()];
            var columns = (int)weight.shape[^1];
            for (var row = 0; row < values.Length / columns; row++)
            {
                BlockCodec.Dequantize(info.Type, file.GetRow(info, row), values.AsSpan(row * columns, columns));
            }

            weight.copy_(tensor(values).reshape(weight.shape));
        }
    }

    /// <summary>A weight's values, row after row.</summary>
    public float[] Values(string name)
    {
        using var scope = NewDisposeScope();
        return _weights[name].detach().contiguous().data<float>().ToArray();
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }

        _cosines.Dispose();
        _sines.Dispose();
    }

    private void AddWeights()
    {
        var (query, keyValue) = (_shape.HeadCount * _shape.HeadSize, _shape.KvHeadCount * _shape.HeadSize);

        // Sums keep the variance of what they add up. What adds to the residual stream begins smaller, the more layers there are (GPT-2).
        var (hidden, attended) = (Deviation(_shape.HiddenSize), Deviation(query));
        var residual = 1 / Math.Sqrt(2 * _shape.LayerCount);
        AddMatrix("token_embd.weight", _shape.VocabularySize, _shape.HiddenSize, EmbeddingDeviation);
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var prefix = $"blk.{layer}.";
            AddNorm($"{prefix}attn_norm.weight");
            AddMatrix($"{prefix}attn_q.weight", query, _shape.HiddenSize, hidden);
            AddMatrix($"{prefix}attn_k.weight", keyValue, _shape.HiddenSize, hidden);
            AddMatrix($"{prefix}attn_v.weight", keyValue, _shape.HiddenSize, hidden);
            AddMatrix($"{prefix}attn_output.weight", _shape.HiddenSize, query, attended * residual);
            AddNorm($"{prefix}ffn_norm.weight");
            AddMatrix($"{prefix}ffn_gate.weight", _shape.FeedForwardSize, _shape.HiddenSize, hidden);
            AddMatrix($"{prefix}ffn_up.weight", _shape.FeedForwardSize, _shape.HiddenSize, hidden);
            AddMatrix($"{prefix}ffn_down.weight", _shape.HiddenSize, _shape.FeedForwardSize, Deviation(_shape.FeedForwardSize) * residual);
        }

        AddNorm("output_norm.weight");
    }

    private static double Deviation(int inputs) => 1 / Math.Sqrt(inputs);

    private void AddMatrix(string name, int rows, int columns, double deviation) =>
        _weights.Add(name, new Parameter(randn(rows, columns) * deviation));

    private void AddNorm(string name) => _weights.Add(name, new Parameter(ones(_shape.HiddenSize)));

    private (Tensor Cosines, Tensor Sines) Rotations()
    {
        using var scope = NewDisposeScope();
        var pairs = arange(0, _shape.HeadSize, 2, ScalarType.Float64);
        var frequencies = pow(tensor((double)_shape.RopeBase), -pairs / _shape.HeadSize);
        var angles = outer(arange(_shape.ContextLength, ScalarType.Float64), frequencies).unsqueeze(1);
        return (angles.cos().to(ScalarType.Float32).MoveToOuterDisposeScope(), angles.sin().to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>Which tokens see which: those before them of the same text.</summary>
    /// <returns>(rows, 1, tokens, tokens)</returns>
    private static Tensor Mask(Tensor tokens)
    {
        var texts = tokens.eq((long)VocabularyTable.BosToken).cumsum(1);
        var isSame = texts.unsqueeze(2).eq(texts.unsqueeze(1));
        return isSame.logical_and(ones(tokens.shape[1], tokens.shape[1], ScalarType.Bool).tril()).unsqueeze(1);
    }

    private Tensor Normalize(Tensor inputs, string weight) =>
        inputs * (inputs.square().mean([-1], keepdim: true) + Epsilon).rsqrt() * _weights[weight];

    private Tensor Attention(string prefix, Tensor inputs, Tensor mask)
    {
        var queries = Rotate(Heads($"{prefix}attn_q.weight", _shape.HeadCount)).transpose(1, 2);
        var keys = Repeat(Rotate(Heads($"{prefix}attn_k.weight", _shape.KvHeadCount)).transpose(1, 2));
        var values = Repeat(Heads($"{prefix}attn_v.weight", _shape.KvHeadCount).transpose(1, 2));
        var attended = functional.scaled_dot_product_attention(queries, keys, values, mask).transpose(1, 2);
        return functional.linear(attended.reshape(inputs.shape[0], inputs.shape[1], -1), _weights[$"{prefix}attn_output.weight"]);

        // (rows, tokens, heads, headSize)
        Tensor Heads(string name, int heads) =>
            functional.linear(inputs, _weights[name]).view(inputs.shape[0], inputs.shape[1], heads, _shape.HeadSize);

        // Each key head serves as many query heads, which follow each other.
        Tensor Repeat(Tensor heads) => heads.repeat_interleave(_shape.HeadCount / _shape.KvHeadCount, 1);
    }

    /// <summary>Rotary position embedding, arXiv 2104.09864: neighbours are pairs.</summary>
    /// <param name="heads">(rows, tokens, heads, headSize)</param>
    private Tensor Rotate(Tensor heads)
    {
        var (cosines, sines) = (_cosines.narrow(0, 0, heads.shape[1]), _sines.narrow(0, 0, heads.shape[1]));
        var pairs = heads.view(heads.shape[0], heads.shape[1], heads.shape[2], _shape.HeadSize / 2, 2);
        var (x, y) = (pairs.select(-1, 0), pairs.select(-1, 1));
        return stack([(x * cosines) - (y * sines), (x * sines) + (y * cosines)], -1).reshape(heads.shape);
    }

    private Tensor FeedForward(string prefix, Tensor inputs)
    {
        var gate = functional.silu(functional.linear(inputs, _weights[$"{prefix}ffn_gate.weight"]));
        return functional.linear(gate * functional.linear(inputs, _weights[$"{prefix}ffn_up.weight"]), _weights[$"{prefix}ffn_down.weight"]);
    }
}
