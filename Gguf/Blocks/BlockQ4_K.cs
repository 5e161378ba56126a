using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// 256 elements of 4 bits in 8 sub-blocks of 32, each with a scale and a minimum of 6 bits: <c>d * scale * q - dmin * minimum</c>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ4_K : IQuantizableBlock<BlockQ4_K>
{
    private const int MaxQuant = 15;

    private const int MaxScale = 63;

    private const int SubBlocks = 8;

    private const int SubLength = 32;

    /// <summary>The scale of the scales.</summary>
    public Half D;

    /// <summary>The scale of the minimums.</summary>
    public Half DMin;

    /// <summary>Scales and minimums: see <see cref="KScales"/>.</summary>
    public Bytes12 Scales;

    /// <summary>32 bytes for two sub-blocks each: the first in the low halves, the second in the high halves.</summary>
    public Bytes128 Qs;

    public static TensorType Type => TensorType.Q4_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ4_K block, Span<float> destination)
    {
        var (d, dMin) = ((float)block.D, (float)block.DMin);
        for (var sub = 0; sub < SubBlocks; sub++)
        {
            var (scale, minimum) = KScales.Get(block.Scales, sub);
            var (subD, subMin) = (d * scale, dMin * minimum);
            for (var i = 0; i < SubLength; i++)
            {
                var q = (block.Qs[(sub / 2 * SubLength) + i] >> (sub % 2 * 4)) & 0xF;
                destination[(sub * SubLength) + i] = (subD * q) - subMin;
            }
        }
    }

    /// <summary>
    /// Scale and minimum of each sub-block are searched, then rounded to 6 bits, and the elements to what these stand for.
    /// </summary>
    public static void Quantize(ReadOnlySpan<float> source, out BlockQ4_K block)
    {
        block = default;
        Span<(float Scale, float Minimum)> wanted = stackalloc (float, float)[SubBlocks];
        var (maxScale, maxMinimum) = (0f, 0f);
        for (var sub = 0; sub < SubBlocks; sub++)
        {
            wanted[sub] = ScaleSearch.Affine(source.Slice(sub * SubLength, SubLength), MaxQuant);
            maxScale = MathF.Max(maxScale, wanted[sub].Scale);
            maxMinimum = MathF.Max(maxMinimum, wanted[sub].Minimum);
        }

        block.D = (Half)(maxScale / MaxScale);
        block.DMin = (Half)(maxMinimum / MaxScale);
        for (var sub = 0; sub < SubBlocks; sub++)
        {
            var scale = SixBits(wanted[sub].Scale, maxScale);
            var minimum = SixBits(wanted[sub].Minimum, maxMinimum);
            KScales.Set(block.Scales, sub, scale, minimum);
            SetQuants(ref block, sub, source.Slice(sub * SubLength, SubLength), (float)block.D * scale, (float)block.DMin * minimum);
        }
    }

    private static int SixBits(float value, float largest) =>
        largest > 0 ? Math.Clamp(Rounding.ToEven(MaxScale / largest * value), 0, MaxScale) : 0;

    private static void SetQuants(ref BlockQ4_K block, int sub, ReadOnlySpan<float> source, float d, float minimum)
    {
        if (d == 0)
        {
            return;
        }

        for (var i = 0; i < SubLength; i++)
        {
            var q = Math.Clamp(Rounding.ToEven((source[i] + minimum) / d), 0, MaxQuant);
            block.Qs[(sub / 2 * SubLength) + i] |= (byte)(q << (sub % 2 * 4));
        }
    }
}
