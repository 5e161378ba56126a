using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>256 elements of 4 bits in 8 sub-blocks of 32, each with a scale and a minimum of 6 bits: <c>d * scale * q - dmin * minimum</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ4_K : IBlock<BlockQ4_K>
{
    /// <summary>The scale of the scales.</summary>
    public Half D;

    /// <summary>The scale of the minimums.</summary>
    public Half DMin;

    /// <summary>Scales and minimums: see <see cref="Bits.ScaleAndMinimum"/>.</summary>
    public Bytes12 Scales;

    /// <summary>32 bytes for two sub-blocks each: the first in the low halves, the second in the high halves.</summary>
    public Bytes128 Qs;

    public static TensorType Type => TensorType.Q4_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ4_K block, Span<float> destination)
    {
        var (d, dMin) = ((float)block.D, (float)block.DMin);
        for (var sub = 0; sub < 8; sub++)
        {
            var (scale, minimum) = Bits.ScaleAndMinimum(block.Scales, sub);
            var (subD, subMin) = (d * scale, dMin * minimum);
            for (var i = 0; i < 32; i++)
            {
                var q = (block.Qs[(sub / 2 * 32) + i] >> (sub % 2 * 4)) & 0xF;
                destination[(sub * 32) + i] = (subD * q) - subMin;
            }
        }
    }
}
