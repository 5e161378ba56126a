using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// Activations to 8 bits: code = round(x × 127 / max), scale = max / 127, max the largest magnitude of a block, as llama.cpp has it for
/// Q8_0 (blocks of 32) and Q8_K (of 256). Each row for itself, so that what a token gives does not depend on the others.
/// </summary>
internal static unsafe class ActivationPacker
{
    private const int Lanes = VectorMath.Lanes;

    /// <summary>Packs one row.</summary>
    /// <param name="input">(columns)</param>
    /// <param name="columns">A multiple of the block length.</param>
    /// <param name="layout">How.</param>
    /// <param name="codes">The first word of its codes; the next is <paramref name="stride"/> words on.</param>
    /// <param name="facts">The first of its facts, likewise.</param>
    /// <param name="stride">Words.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* input, int columns, ActivationLayout layout, int* codes, int* facts, int stride)
    {
        if (layout.IsFloat)
        {
            WriteNarrow((int*)input, columns, codes, stride);
            return;
        }

        var bytes = stackalloc sbyte[256];
        for (var first = 0; first < columns; first += layout.BlockLength)
        {
            var scale = Quantize(input + first, layout.BlockLength, bytes);
            if (layout.IsWide)
            {
                WriteWide(bytes, layout.BlockLength, codes, stride);
            }
            else
            {
                WriteNarrow((int*)bytes, layout.BlockLength / 4, codes, stride);
            }

            WriteFacts(bytes, layout, scale, facts, stride);
            codes += layout.CodeWords * stride;
            facts += layout.Facts * stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quantize(float* input, int length, sbyte* codes)
    {
        var largest = Vector512<float>.Zero;
        for (var i = 0; i < length; i += Lanes)
        {
            largest = Vector512.Max(largest, Vector512.Abs(Vector512.Load(input + i)));
        }

        var max = Largest(largest);
        var inverse = Vector512.Create(max < 1e-30f ? 0f : 127f / max);
        for (var i = 0; i < length; i += 2 * Lanes)
        {
            var a = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(input + i) * inverse));
            var b = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(input + i + Lanes) * inverse));
            var words = Vector512.Narrow(a, b);
            Vector256.Narrow(words.GetLower(), words.GetUpper()).Store(codes + i);
        }

        return max < 1e-30f ? 0f : max / 127f;
    }

    /// <summary>NaN, if there is one: then the results are NaN too.</summary>
    private static float Largest(Vector512<float> lanes)
    {
        var eight = Vector256.Max(lanes.GetLower(), lanes.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteNarrow(int* words, int count, int* codes, int stride)
    {
        for (var i = 0; i < count; i++)
        {
            codes[i * stride] = words[i];
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteWide(sbyte* bytes, int length, int* codes, int stride)
    {
        var words = stackalloc short[256];
        for (var i = 0; i < length; i += 16)
        {
            var byTurns = Vector128.Shuffle(Vector128.Load(bytes + i), Vector128.Create(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15));
            Vector128.WidenLower(byTurns).Store(words + i);
            Vector128.WidenUpper(byTurns).Store(words + i + 8);
        }

        WriteNarrow((int*)words, length / 2, codes, stride);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteFacts(sbyte* bytes, ActivationLayout layout, float scale, int* facts, int stride)
    {
        facts[ActivationLayout.Scale * stride] = BitConverter.SingleToInt32Bits(scale);
        if (layout.BlockLength == 32)
        {
            var sum = Sum32(bytes);
            facts[ActivationLayout.Sum * stride] = sum;
            facts[ActivationLayout.ScaledSum * stride] = BitConverter.SingleToInt32Bits(scale * sum);
            return;
        }

        var sums = stackalloc int[16];
        for (var i = 0; i < 16; i++)
        {
            sums[i] = Sum16(bytes + (16 * i));
        }

        for (var i = 0; i < 8; i++)
        {
            facts[(ActivationLayout.Sums16 + i) * stride] = Words(sums[2 * i], sums[(2 * i) + 1]);
        }

        for (var i = 0; i < 4; i++)
        {
            facts[(ActivationLayout.Sums32 + i) * stride] = Words(sums[4 * i] + sums[(4 * i) + 1], sums[(4 * i) + 2] + sums[(4 * i) + 3]);
        }
    }

    private static int Words(int low, int high) => (low & 0xFFFF) | (high << 16);

    private static int Sum16(sbyte* bytes)
    {
        var codes = Vector128.Load(bytes);
        return Vector128.Sum(Vector128.WidenLower(codes) + Vector128.WidenUpper(codes));
    }

    private static int Sum32(sbyte* bytes)
    {
        var (a, b) = (Vector128.Load(bytes), Vector128.Load(bytes + 16));
        return Vector128.Sum(Vector128.WidenLower(a) + Vector128.WidenUpper(a) + Vector128.WidenLower(b) + Vector128.WidenUpper(b));
    }
}
