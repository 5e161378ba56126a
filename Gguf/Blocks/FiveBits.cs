namespace ManagedSwarm.Gguf.Blocks;

/// <summary>How Q5_0 and Q5_1 pack 32 elements of five bits.</summary>
internal static class FiveBits
{
    /// <summary>Element <paramref name="i"/>: four bits in a half of 16 bytes, the fifth in a mask.</summary>
    public static int Get(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int i)
    {
        var four = i < 16 ? low[i] & 0xF : low[i - 16] >> 4;
        return four | (((high[i >> 3] >> (i & 7)) & 1) << 4);
    }
}
