using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>256 elements of 3 bits in 16 sub-blocks of 16, each with a scale of 6 bits: <c>d * (scale - 32) * (q - 4)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ3_K : IBlock<BlockQ3_K>
{
    /// <summary>The third bits: that of element i + 32j in bit j of byte i.</summary>
    public Bytes32 HMask;

    /// <summary>
    /// The lower bits: elements 0 to 127 in bytes 0 to 31, element i + 32j in bits 2j of byte i; then the other half alike.
    /// </summary>
    public Bytes64 Qs;

    /// <summary>
    /// Bytes 0 to 7 hold the lower 4 bits of the scales, of i in the low half and of i + 8 in the high half; bytes 8 to 11 the upper 2
    /// bits.
    /// </summary>
    public Bytes12 Scales;

    /// <summary>The scale of the scales.</summary>
    public Half D;

    public static TensorType Type => TensorType.Q3_K;

    public static int Length => 256;

    /// <summary>The scale of sub-block <paramref name="i"/> of 16, -32 to 31.</summary>
    public static int Scale(ReadOnlySpan<byte> scales, int i)
    {
        var low = i < 8 ? scales[i] & 0xF : scales[i - 8] >> 4;
        var high = (scales[8 + (i % 4)] >> (i / 4 * 2)) & 3;
        return (low | (high << 4)) - 32;
    }

    public static void Dequantize(in BlockQ3_K block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 256; i++)
        {
            var low = (block.Qs[(i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3;
            var high = (block.HMask[i % 32] >> (i / 32)) & 1;
            destination[i] = d * Scale(block.Scales, i / 16) * ((low | (high << 2)) - 4);
        }
    }
}
