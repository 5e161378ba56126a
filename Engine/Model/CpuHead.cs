using System.Buffers;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>Embedding, final norm and output matrix on the CPU.</summary>
internal sealed unsafe class CpuHead : IHead
{
    private readonly ModelConfig _config;
    private readonly ComputeThreads _threads;
    private readonly HeadWeights _weights;

    public CpuHead(ModelWeights weights, ComputeThreads threads)
    {
        _config = weights.Config;
        _threads = threads;
        _weights = HeadWeights.Load(weights);
    }

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden) => _weights.Embed(tokens, hidden);

    public void ComputeLogits(ReadOnlySpan<float> hidden, Span<float> logits)
    {
        var rows = _weights.RowsOf(hidden, logits);
        var normalized = ArrayPool<float>.Shared.Rent(hidden.Length);
        fixed (float* x = hidden, n = normalized, w = _weights.Norm, y = logits)
        {
            for (var r = 0L; r < rows; r++)
            {
                VectorMath.RmsNorm(n + (r * _config.HiddenSize), x + (r * _config.HiddenSize), w, _config.HiddenSize, _config.RmsEpsilon);
            }

            ReferenceMatrixProduct.Multiply(_threads, _weights.Output, n, y, rows);
        }

        ArrayPool<float>.Shared.Return(normalized);
    }

    public void Dispose()
    {
    }
}
