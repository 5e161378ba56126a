using System.Buffers;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>Embedding, final norm and output matrix on the CPU.</summary>
internal sealed unsafe class CpuHead : IHead
{
    private readonly ModelConfig _config;
    private readonly ComputeThreads _threads;
    private readonly WeightMatrix _embedding;
    private readonly WeightMatrix _output;
    private readonly float[] _norm;

    public CpuHead(ModelWeights weights, ComputeThreads threads)
    {
        _config = weights.Config;
        _threads = threads;
        _embedding = WeightMatrix.Load(weights, "token_embd", _config.VocabularySize, _config.HiddenSize);
        _norm = weights.ReadFloats(weights.Require("output_norm.weight", _config.HiddenSize));

        // Without an output matrix the embedding is used for both (tied embeddings).
        _output = weights.TryGet("output.weight", out _, _config.HiddenSize, _config.VocabularySize)
            ? WeightMatrix.Load(weights, "output", _config.VocabularySize, _config.HiddenSize)
            : _embedding;
    }

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)_config.VocabularySize)
            {
                throw new EngineException("token_out_of_range", $"token {tokens[t]} is not within 0 to {_config.VocabularySize - 1}");
            }

            _embedding.ReadRow(tokens[t], hidden.Slice(t * _config.HiddenSize, _config.HiddenSize));
        }
    }

    public void ComputeLogits(ReadOnlySpan<float> hidden, Span<float> logits)
    {
        var rows = hidden.Length / _config.HiddenSize;
        var normalized = ArrayPool<float>.Shared.Rent(hidden.Length);
        fixed (float* x = hidden, n = normalized, w = _norm, y = logits)
        {
            for (var r = 0L; r < rows; r++)
            {
                VectorMath.RmsNorm(n + (r * _config.HiddenSize), x + (r * _config.HiddenSize), w, _config.HiddenSize, _config.RmsEpsilon);
            }

            ReferenceMatrixProduct.Multiply(_threads, _output, n, y, rows);
        }

        ArrayPool<float>.Shared.Return(normalized);
    }

    public void Dispose()
    {
    }
}
