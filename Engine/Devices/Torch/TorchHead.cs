using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Model;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Final norm and output matrix in libtorch; embeddings straight from the file.</summary>
internal sealed class TorchHead : IHead
{
    private readonly ModelConfig _config;
    private readonly HeadWeights _file;
    private readonly TorchWeights _weights;
    private readonly TorchNorm _norm;
    private readonly TorchMatrix _output;

    public TorchHead(ModelWeights weights, Device device, LoadMonitor monitor)
    {
        _config = weights.Config;
        _file = HeadWeights.Load(weights, monitor);
        (_weights, (_norm, _output)) = TorchWeights.Load(device, monitor, owner => (
            owner.Norm(_file.Norm, _config.RmsEpsilon),
            owner.Matrix(_file.Output)));
    }

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden) => _file.Embed(tokens, hidden);

    public void ComputeLogits(ReadOnlySpan<float> hidden, Span<float> logits)
    {
        try
        {
            var rows = _file.RowsOf(hidden, logits);
            var rowsAtOnce = (int)TorchTransfer.RowsAtOnce(_config.VocabularySize);
            for (var first = 0; first < rows; first += rowsAtOnce)
            {
                var count = Math.Min(rowsAtOnce, rows - first);
                using var scope = new TorchScope();
                var part = hidden.Slice(first * _config.HiddenSize, count * _config.HiddenSize);
                var states = TorchTransfer.ToTensor(part, count, _config.HiddenSize, _weights.Device);
                TorchTransfer.CopyTo(_output.Apply(_norm.Apply(states)), logits[(first * _config.VocabularySize)..]);
            }
        }
        catch (ExternalException exception)
        {
            throw TorchScope.Failure(exception);
        }
    }

    public void Dispose() => _weights.Dispose();
}
