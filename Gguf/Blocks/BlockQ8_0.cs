using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>32 elements of 8 bits: <c>d * q</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ8_0 : IQuantizableBlock<BlockQ8_0>
{
    /// <summary>The scale.</summary>
    public Half D;

    /// <summary>The elements in order.</summary>
    public SBytes32 Qs;

    public static TensorType Type => TensorType.Q8_0;

    public static int Length => 32;

    public static void Dequantize(in BlockQ8_0 block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 32; i++)
        {
            destination[i] = block.Qs[i] * d;
        }
    }

    /// <summary>The element of the largest magnitude becomes 127 or -127.</summary>
    public static void Quantize(ReadOnlySpan<float> source, out BlockQ8_0 block)
    {
        block = default;
        var d = MathF.Abs(Rounding.LargestMagnitude(source)) / sbyte.MaxValue;
        var inverse = d == 0 ? 0 : 1 / d;
        block.D = (Half)d;
        for (var i = 0; i < 32; i++)
        {
            block.Qs[i] = (sbyte)Rounding.AwayFromZero(source[i] * inverse);
        }
    }
}
