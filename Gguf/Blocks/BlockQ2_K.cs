using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// 256 elements of 2 bits in 16 sub-blocks of 16, each with a scale and a minimum of 4 bits: <c>d * scale * q - dmin * minimum</c>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ2_K : IBlock<BlockQ2_K>
{
    /// <summary>Of sub-block i in byte i: the scale in the low half, the minimum in the high half.</summary>
    public Bytes16 Scales;

    /// <summary>Elements 0 to 127 in bytes 0 to 31, element i + 32j in bits 2j of byte i; then the other half alike.</summary>
    public Bytes64 Qs;

    /// <summary>The scale of the scales.</summary>
    public Half D;

    /// <summary>The scale of the minimums.</summary>
    public Half DMin;

    public static TensorType Type => TensorType.Q2_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ2_K block, Span<float> destination)
    {
        var (d, dMin) = ((float)block.D, (float)block.DMin);
        for (var i = 0; i < 256; i++)
        {
            var scale = block.Scales[i / 16];
            var q = (block.Qs[(i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3;
            destination[i] = (d * (scale & 0xF) * q) - (dMin * (scale >> 4));
        }
    }
}
