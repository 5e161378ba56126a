using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>An IEEE 754 half; made by rounding to nearest, ties to even.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockF16 : IQuantizableBlock<BlockF16>
{
    public Half Value;

    public static TensorType Type => TensorType.F16;

    public static int Length => 1;

    public static void Dequantize(in BlockF16 block, Span<float> destination) => destination[0] = (float)block.Value;

    public static void Quantize(ReadOnlySpan<float> source, out BlockF16 block) => block.Value = (Half)source[0];
}
