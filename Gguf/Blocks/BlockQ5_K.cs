using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// 256 elements of 5 bits in 8 sub-blocks of 32, each with a scale and a minimum of 6 bits: <c>d * scale * q - dmin * minimum</c>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ5_K : IBlock<BlockQ5_K>
{
    /// <summary>The scale of the scales.</summary>
    public Half D;

    /// <summary>The scale of the minimums.</summary>
    public Half DMin;

    /// <summary>Scales and minimums: see <see cref="KScales"/>.</summary>
    public Bytes12 Scales;

    /// <summary>The fifth bits: that of element i of sub-block j in bit j of byte i.</summary>
    public Bytes32 Qh;

    /// <summary>The lower bits, 32 bytes for two sub-blocks each: the first in the low halves, the second in the high halves.</summary>
    public Bytes128 Qs;

    public static TensorType Type => TensorType.Q5_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ5_K block, Span<float> destination)
    {
        var (d, dMin) = ((float)block.D, (float)block.DMin);
        for (var sub = 0; sub < 8; sub++)
        {
            var (scale, minimum) = KScales.Get(block.Scales, sub);
            var (subD, subMin) = (d * scale, dMin * minimum);
            for (var i = 0; i < 32; i++)
            {
                var low = (block.Qs[(sub / 2 * 32) + i] >> (sub % 2 * 4)) & 0xF;
                var high = (block.Qh[i] >> sub) & 1;
                destination[(sub * 32) + i] = (subD * (low | (high << 4))) - subMin;
            }
        }
    }
}
