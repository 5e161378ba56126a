using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>256 elements of 6 bits in 16 sub-blocks of 16, each with a scale of 8 bits: <c>d * scale * (q - 32)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ6_K : IBlock<BlockQ6_K>
{
    private const int Offset = 32;

    /// <summary>
    /// The lower 4 bits: of elements 0 to 127 in bytes 0 to 63, element i in the low half of byte i, element i + 64 in the high half;
    /// then the other half of the block alike.
    /// </summary>
    public Bytes128 Ql;

    /// <summary>The upper 2 bits: of elements 0 to 127 in bytes 0 to 31, element i + 32j in bits 2j of byte i; then the other half alike.</summary>
    public Bytes64 Qh;

    /// <summary>The scales of the sub-blocks.</summary>
    public SBytes16 Scales;

    /// <summary>The scale of the scales.</summary>
    public Half D;

    public static TensorType Type => TensorType.Q6_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ6_K block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 256; i++)
        {
            var (half, within) = (i / 128, i % 128);
            var low = (block.Ql[(half * 64) + (within % 64)] >> (within / 64 * 4)) & 0xF;
            var high = (block.Qh[(half * 32) + (within % 32)] >> (within / 32 * 2)) & 3;
            destination[i] = d * block.Scales[i / 16] * ((low | (high << 4)) - Offset);
        }
    }
}
