using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// What layers take of a node's time: a step of n tokens takes D + (n - 1) · P per layer, where D is the time of one token (weights are read
/// once) and P that of each further one (arithmetic). That attention takes longer with each token before is left out.
/// </summary>
internal sealed class NodeTimes
{
    private readonly double[] _sums;
    private readonly double _furtherMs;
    private readonly double _headMs;

    /// <param name="shape">Valid.</param>
    /// <param name="node">Valid.</param>
    public NodeTimes(ModelShape shape, NodeProfile node)
    {
        var meanBytes = shape.LayerWeightBytes.Average(bytes => (double)bytes);
        var meanMs = node.DecodeMsPerLayer ?? meanBytes / node.MemoryBandwidth * 1000;
        // A measured time is the mean of layers; those of another type take longer as they are larger.
        var msPerByte = meanBytes > 0 ? meanMs / meanBytes : 0;
        _sums = new double[shape.LayerCount + 1];
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            _sums[layer + 1] = _sums[layer] + (meanBytes > 0 ? shape.LayerWeightBytes[layer] * msPerByte : meanMs);
        }

        _furtherMs = node.PrefillMsPerTokenPerLayer ?? meanMs * NodeProfile.AssumedFurtherTokenShare;
        _headMs = !node.IsHead ? 0 : node.HeadMs ?? shape.HeadReadBytes * msPerByte;
    }

    /// <summary>The layers' time in a step of so many tokens, in milliseconds.</summary>
    public double LayersMs(LayerRange layers, int tokens) => _sums[layers.End] - _sums[layers.First] + (layers.Count * (tokens - 1.0) * _furtherMs);

    /// <summary>Output matrix and sampling for so many tokens at once, in milliseconds; 0 on nodes that are not the head.</summary>
    public double HeadMs(int tokens) => _headMs * (1 + ((tokens - 1.0) * NodeProfile.AssumedFurtherTokenShare));
}
