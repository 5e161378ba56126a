using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// 256 elements of 4 bits in 8 sub-blocks of 32, each with a scale of 6 bits: <c>d * (scale - 32) * level[q]</c>,
/// see <see cref="NonLinear4"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockIQ4_XS : IBlock<BlockIQ4_XS>
{
    /// <summary>The scale of the scales.</summary>
    public Half D;

    /// <summary>The upper 2 bits of the scales, those of sub-block i in bits 2i.</summary>
    public ushort ScalesHigh;

    /// <summary>The lower 4 bits of the scales: of sub-block 2i in the low half of byte i, of 2i + 1 in the high half.</summary>
    public Bytes4 ScalesLow;

    /// <summary>16 bytes per sub-block: element i in the low half of byte i, element i + 16 in the high half.</summary>
    public Bytes128 Qs;

    public static TensorType Type => TensorType.IQ4_XS;

    public static int Length => 256;

    public static void Dequantize(in BlockIQ4_XS block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var sub = 0; sub < 8; sub++)
        {
            var low = (block.ScalesLow[sub / 2] >> (sub % 2 * 4)) & 0xF;
            var high = (block.ScalesHigh >> (sub * 2)) & 3;
            var subD = d * ((low | (high << 4)) - 32);
            for (var i = 0; i < 16; i++)
            {
                var q = block.Qs[(sub * 16) + i];
                destination[(sub * 32) + i] = subD * NonLinear4.Levels[q & 0xF];
                destination[(sub * 32) + i + 16] = subD * NonLinear4.Levels[q >> 4];
            }
        }
    }
}
