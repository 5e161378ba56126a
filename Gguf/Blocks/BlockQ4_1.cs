using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>32 elements of 4 bits: <c>d * q + m</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ4_1 : IBlock<BlockQ4_1>
{
    /// <summary>The scale.</summary>
    public Half D;

    /// <summary>The minimum.</summary>
    public Half M;

    /// <summary>Element i in the low half of byte i, element i + 16 in the high half.</summary>
    public Bytes16 Qs;

    public static TensorType Type => TensorType.Q4_1;

    public static int Length => 32;

    public static void Dequantize(in BlockQ4_1 block, Span<float> destination)
    {
        var (d, m) = ((float)block.D, (float)block.M);
        for (var i = 0; i < 16; i++)
        {
            destination[i] = ((block.Qs[i] & 0xF) * d) + m;
            destination[i + 16] = ((block.Qs[i] >> 4) * d) + m;
        }
    }
}
