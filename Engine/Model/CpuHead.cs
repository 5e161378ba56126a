using System.Buffers;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>Embedding, final norm and output matrix on the CPU.</summary>
internal sealed unsafe class CpuHead : IHead
{
    private readonly ModelConfig _config;
    private readonly KernelSet _kernels;
    private readonly HeadWeights _weights;
    private readonly Matrix _output;

    public CpuHead(ModelWeights weights, KernelSet kernels, LoadMonitor monitor)
    {
        _config = weights.Config;
        _kernels = kernels;
        _weights = HeadWeights.Load(weights, monitor);
        _output = kernels.Prepare(_weights.Output, monitor);
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

            _kernels.Multiply(n, rows, [new(_output, y)]);
        }

        ArrayPool<float>.Shared.Return(normalized);
    }

    public void Dispose() => _output.Dispose();
}
