namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>Activations as the kernels are to quantise them, written out: round(x × 127 / max), ties to even, times max / 127.</summary>
internal static class QuantizedInput
{
    /// <param name="input">One token's activations.</param>
    /// <param name="blockLength">How many share a scale; 1: they stay as they are.</param>
    public static double[] Of(float[] input, int blockLength) => blockLength == 1
        ? [.. input.Select(x => (double)x)]
        : [.. input.Chunk(blockLength).SelectMany(Block)];

    /// <summary>The distance of two codes, for each activation.</summary>
    public static double[] Steps(float[] input, int blockLength) => blockLength == 1
        ? [.. input.Select(_ => 0.0)]
        : [.. input.Chunk(blockLength).SelectMany(block => block.Select(_ => block.Max(MathF.Abs) / 127.0))];

    private static IEnumerable<double> Block(float[] block)
    {
        var max = block.Max(MathF.Abs);
        var inverse = 127f / max;
        var scale = max / 127f;
        return max < 1e-30f ? block.Select(_ => 0.0) : block.Select(x => MathF.Round(x * inverse, MidpointRounding.ToEven) * (double)scale);
    }
}
