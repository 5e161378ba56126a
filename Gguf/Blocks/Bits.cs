namespace ManagedSwarm.Gguf.Blocks;

/// <summary>How the formats pack small numbers into bytes.</summary>
internal static class Bits
{
    /// <summary>Element <paramref name="i"/> of 32: four bits of halves of 16 bytes, a fifth one of a mask.</summary>
    public static int Five(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int i)
    {
        var four = i < 16 ? low[i] & 0xF : low[i - 16] >> 4;
        return four | (((high[i >> 3] >> (i & 7)) & 1) << 4);
    }

    /// <summary>
    /// Scale and minimum of sub-block <paramref name="i"/> of 8, six bits each (Q4_K, Q5_K). Bytes 0 to 3 hold the scales of
    /// sub-blocks 0 to 3, bytes 4 to 7 their minimums; their two spare upper bits, with the halves of bytes 8 to 11, hold those of 4 to 7.
    /// </summary>
    public static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int i) => i < 4
        ? (packed[i] & 63, packed[i + 4] & 63)
        : ((packed[i + 4] & 0xF) | ((packed[i - 4] >> 6) << 4), (packed[i + 4] >> 4) | ((packed[i] >> 6) << 4));

    /// <summary>The inverse of <see cref="ScaleAndMinimum"/>, on bytes that are still zero for this sub-block.</summary>
    public static void SetScaleAndMinimum(Span<byte> packed, int i, int scale, int minimum)
    {
        if (i < 4)
        {
            packed[i] |= (byte)scale;
            packed[i + 4] |= (byte)minimum;
            return;
        }

        packed[i + 4] = (byte)((scale & 0xF) | ((minimum & 0xF) << 4));
        packed[i - 4] |= (byte)((scale >> 4) << 6);
        packed[i] |= (byte)((minimum >> 4) << 6);
    }
}
