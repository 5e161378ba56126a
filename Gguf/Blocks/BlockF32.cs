using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>An IEEE 754 single.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockF32 : IQuantizableBlock<BlockF32>
{
    public float Value;

    public static TensorType Type => TensorType.F32;

    public static int Length => 1;

    public static void Dequantize(in BlockF32 block, Span<float> destination) => destination[0] = block.Value;

    public static void Quantize(ReadOnlySpan<float> source, out BlockF32 block) => block.Value = source[0];
}
