using System.Runtime.InteropServices;

namespace ManagedSwarm.Gguf.Blocks;

/// <summary>256 elements of 6 bits in 16 sub-blocks of 16, each with a scale of 8 bits: <c>d * scale * (q - 32)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct BlockQ6_K : IQuantizableBlock<BlockQ6_K>
{
    private const int Offset = 32;

    private const int SubBlocks = 16;

    private const int SubLength = 16;

    /// <summary>
    /// The lower 4 bits: of elements 0 to 127 in bytes 0 to 63, element i in the low half of byte i, element i + 64 in the high half;
    /// then the other half of the block alike.
    /// </summary>
    public Bytes128 Ql;

    /// <summary>
    /// The upper 2 bits: of elements 0 to 127 in bytes 0 to 31, element i + 32j in bits 2j of byte i; then the other half alike.
    /// </summary>
    public Bytes64 Qh;

    /// <summary>The scales of the sub-blocks.</summary>
    public SBytes16 Scales;

    /// <summary>The scale of the scales.</summary>
    public Half D;

    public static TensorType Type => TensorType.Q6_K;

    public static int Length => 256;

    public static void Dequantize(in BlockQ6_K block, Span<float> destination)
    {
        var d = (float)block.D;
        for (var i = 0; i < 256; i++)
        {
            var (low, lowShift) = LowPlace(i);
            var (high, highShift) = HighPlace(i);
            var q = ((block.Ql[low] >> lowShift) & 0xF) | (((block.Qh[high] >> highShift) & 3) << 4);
            destination[i] = d * block.Scales[i / SubLength] * (q - Offset);
        }
    }

    /// <summary>The scale of each sub-block is searched, then rounded to 8 bits, and the elements to what these stand for.</summary>
    public static void Quantize(ReadOnlySpan<float> source, out BlockQ6_K block)
    {
        block = default;
        Span<float> wanted = stackalloc float[SubBlocks];
        for (var sub = 0; sub < SubBlocks; sub++)
        {
            wanted[sub] = ScaleSearch.Symmetric(source.Slice(sub * SubLength, SubLength), Offset);
        }

        // The scale of the largest magnitude becomes -128, so that the whole range of 8 bits is used.
        var d = Rounding.LargestMagnitude(wanted) / sbyte.MinValue;
        block.D = (Half)d;
        for (var sub = 0; sub < SubBlocks; sub++)
        {
            var scale = d == 0 ? 0 : Math.Clamp(Rounding.ToEven(wanted[sub] / d), sbyte.MinValue, sbyte.MaxValue);
            block.Scales[sub] = (sbyte)scale;
            SetQuants(ref block, sub, source.Slice(sub * SubLength, SubLength), (float)block.D * scale);
        }
    }

    private static (int Index, int Shift) LowPlace(int i) => ((i / 128 * 64) + (i % 64), i % 128 / 64 * 4);

    private static (int Index, int Shift) HighPlace(int i) => ((i / 128 * 32) + (i % 32), i % 128 / 32 * 2);

    private static void SetQuants(ref BlockQ6_K block, int sub, ReadOnlySpan<float> source, float d)
    {
        for (var i = 0; i < SubLength; i++)
        {
            var q = d == 0 ? Offset : Math.Clamp(Rounding.ToEven(source[i] / d) + Offset, 0, (2 * Offset) - 1);
            var (low, lowShift) = LowPlace((sub * SubLength) + i);
            var (high, highShift) = HighPlace((sub * SubLength) + i);
            block.Ql[low] |= (byte)((q & 0xF) << lowShift);
            block.Qh[high] |= (byte)((q >> 4) << highShift);
        }
    }
}
