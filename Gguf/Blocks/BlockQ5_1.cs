using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>32 elements of 5 bits: <c>d * q + m</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ5_1 : IBlock<BlockQ5_1>
{
    /// <summary>The scale.</summary>
    public Half D;

    /// <summary>The minimum.</summary>
    public Half M;

    /// <summary>The fifth bits, that of element i in bit i.</summary>
    public Bytes4 Qh;

    /// <summary>The lower bits: element i in the low half of byte i, element i + 16 in the high half.</summary>
    public Bytes16 Qs;

    public static TensorType Type => TensorType.Q5_1;

    public static int Length => 32;

    public static void Dequantize(in BlockQ5_1 block, Span<float> destination)
    {
        var (d, m) = ((float)block.D, (float)block.M);
        for (var i = 0; i < 32; i++)
        {
            destination[i] = (FiveBits.Get(block.Qs, block.Qh, i) * d) + m;
        }
    }
}
