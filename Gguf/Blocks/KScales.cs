namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// How Q4_K and Q5_K pack the scales and minimums of 8 sub-blocks, six bits each, into 12 bytes. Bytes 0 to 3 hold the scales of
/// sub-blocks 0 to 3, bytes 4 to 7 their minimums; their two spare upper bits, with the halves of bytes 8 to 11, hold those of 4 to 7.
/// </summary>
public static class KScales
{
    /// <summary>Scale and minimum of sub-block <paramref name="i"/>, 0 to 63.</summary>
    public static (int Scale, int Minimum) Get(ReadOnlySpan<byte> packed, int i) => i < 4
        ? (packed[i] & 63, packed[i + 4] & 63)
        : ((packed[i + 4] & 0xF) | ((packed[i - 4] >> 6) << 4), (packed[i + 4] >> 4) | ((packed[i] >> 6) << 4));

    /// <summary>The inverse of <see cref="Get"/>, on bytes that are still zero for this sub-block.</summary>
    internal static void Set(Span<byte> packed, int i, int scale, int minimum)
    {
        if (i < 4)
        {
            packed[i] |= (byte)scale;
            packed[i + 4] |= (byte)minimum;
            return;
        }

        packed[i + 4] |= (byte)((scale & 0xF) | ((minimum & 0xF) << 4));
        packed[i - 4] |= (byte)((scale >> 4) << 6);
        packed[i] |= (byte)((minimum >> 4) << 6);
    }
}
