using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>The upper half of an IEEE 754 single; made by rounding to nearest, ties to even.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockBF16 : IQuantizableBlock<BlockBF16>
{
    private const uint QuietNaN = 0x40;

    public ushort Bits;

    public static TensorType Type => TensorType.BF16;

    public static int Length => 1;

    public static void Dequantize(in BlockBF16 block, Span<float> destination) =>
        destination[0] = BitConverter.UInt32BitsToSingle((uint)block.Bits << 16);

    public static void Quantize(ReadOnlySpan<float> source, out BlockBF16 block)
    {
        var bits = BitConverter.SingleToUInt32Bits(source[0]);
        // Rounding could carry a NaN over to infinity or zero, so it is cut off and made quiet.
        block.Bits = float.IsNaN(source[0])
            ? (ushort)((bits >> 16) | QuietNaN)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
