using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>32 elements of 4 bits: <c>d * (q - 8)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ4_0 : IQuantizableBlock<BlockQ4_0>
{
    private const int Offset = 8;

    /// <summary>The scale.</summary>
    public Half D;

    /// <summary>Element i in the low half of byte i, element i + 16 in the high half.</summary>
    public Bytes16 Qs;

    public static TensorType Type => TensorType.Q4_0;

    public static int Length => 32;

    public static void Dequantize(in BlockQ4_0 block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 16; i++)
        {
            destination[i] = ((block.Qs[i] & 0xF) - Offset) * d;
            destination[i + 16] = ((block.Qs[i] >> 4) - Offset) * d;
        }
    }

    /// <summary>The element of the largest magnitude becomes -8, so that the whole range of 4 bits is used.</summary>
    public static void Quantize(ReadOnlySpan<float> source, out BlockQ4_0 block)
    {
        block = default;
        var d = Rounding.LargestMagnitude(source) / -Offset;
        var inverse = d == 0 ? 0 : 1 / d;
        block.D = (Half)d;
        for (var i = 0; i < 16; i++)
        {
            block.Qs[i] = (byte)(Quant(source[i] * inverse) | (Quant(source[i + 16] * inverse) << 4));
        }
    }

    private static int Quant(float scaled) => Math.Clamp((int)(scaled + (Offset + 0.5f)), 0, 15);
}
