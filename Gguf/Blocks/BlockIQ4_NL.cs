using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>32 elements of 4 bits: <c>d * level[q]</c>, see <see cref="NonLinear4"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockIQ4_NL : IBlock<BlockIQ4_NL>
{
    /// <summary>The scale.</summary>
    public Half D;

    /// <summary>Element i in the low half of byte i, element i + 16 in the high half.</summary>
    public Bytes16 Qs;

    public static TensorType Type => TensorType.IQ4_NL;

    public static int Length => 32;

    public static void Dequantize(in BlockIQ4_NL block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 16; i++)
        {
            destination[i] = d * NonLinear4.Levels[block.Qs[i] & 0xF];
            destination[i + 16] = d * NonLinear4.Levels[block.Qs[i] >> 4];
        }
    }
}
