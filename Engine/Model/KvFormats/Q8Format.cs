using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Model.KvFormats;

/// <summary>
/// Codes of 8 bits with one f32 scale for every 32 values of a token's head (the last group may be shorter), as in ggml's Q8_0 but for the
/// scale's precision. A block is all its scales, by columns (group, position) or by rows (position, group), then all its codes.
/// </summary>
internal sealed unsafe class Q8Format(int headSize, int blockLength) : KvFormat(headSize, blockLength)
{
    private const int GroupSize = 32;

    // A smaller largest value has an inverse scale that is not finite; such values count as 0.
    private const float Smallest = 1e-30f;

    private readonly int _groups = (headSize + GroupSize - 1) / GroupSize;

    /// <summary>The bytes of one token's head.</summary>
    public static long HeadBytes(int headSize) => headSize + ((headSize + GroupSize - 1L) / GroupSize * sizeof(float));

    protected override long BytesPerToken => HeadBytes(HeadSize);

    public override void StoreColumn(float* values, byte* block, int position)
    {
        var codes = stackalloc sbyte[GroupSize];
        var scales = (float*)block + position;
        var to = CodesOf(block) + position;
        for (var group = 0; group < _groups; group++, scales += BlockLength)
        {
            var count = SizeOf(group);
            *scales = Quantize(values + (group * GroupSize), count, codes);
            for (var d = 0; d < count; d++, to += BlockLength)
            {
                *to = codes[d];
            }
        }
    }

    public override void StoreRow(float* values, byte* block, int position)
    {
        var codes = CodesOf(block) + ((long)position * HeadSize);
        var scales = (float*)block + ((long)position * _groups);
        for (var group = 0; group < _groups; group++)
        {
            var start = group * GroupSize;
            scales[group] = Quantize(values + start, SizeOf(group), codes + start);
        }
    }

    public override void LoadColumns(byte* block, int first, int count, byte* next, float* tile)
    {
        var scales = (float*)block + first;
        var codes = CodesOf(block) + first;
        var ahead = next - (byte*)codes;
        for (var group = 0; group < _groups; group++, scales += BlockLength)
        {
            var lower = Vector512.Load(scales);
            var upper = count > Lanes ? Vector512.Load(scales + Lanes) : lower;
            var size = SizeOf(group);
            for (var d = 0; d < size; d++, codes += BlockLength, tile += TileLength)
            {
                Fetch((byte*)codes + ahead);
                (Load(codes) * lower).Store(tile);
                if (count > Lanes)
                {
                    (Load(codes + Lanes) * upper).Store(tile + Lanes);
                }
            }
        }
    }

    public override void LoadRows(byte* block, int first, int count, byte* next, float* tile)
    {
        var scales = (float*)block + ((long)first * _groups);
        var codes = CodesOf(block) + ((long)first * HeadSize);
        var ahead = next - (byte*)codes;
        for (var i = 0; i < count; i++, scales += _groups, codes += HeadSize)
        {
            for (var d = 0; d < HeadSize; d += Lanes, tile += Lanes)
            {
                Fetch((byte*)(codes + d) + ahead);
                (Load(codes + d) * Vector512.Create(scales[d / GroupSize])).Store(tile);
            }
        }
    }

    public override byte* ColumnAt(byte* block, int position) => (byte*)(CodesOf(block) + position);

    public override byte* RowAt(byte* block, int position) => (byte*)(CodesOf(block) + ((long)position * HeadSize));

    public override void LoadColumn(byte* block, int position, float* values)
    {
        for (var d = 0; d < HeadSize; d++)
        {
            var scale = ((float*)block)[((long)(d / GroupSize) * BlockLength) + position];
            values[d] = CodesOf(block)[((long)d * BlockLength) + position] * scale;
        }
    }

    public override void LoadRow(byte* block, int position, float* values)
    {
        for (var d = 0; d < HeadSize; d++)
        {
            var scale = ((float*)block)[((long)position * _groups) + (d / GroupSize)];
            values[d] = CodesOf(block)[((long)position * HeadSize) + d] * scale;
        }
    }

    /// <summary>The scale; a value that is not finite makes it NaN, and so all values that are loaded with it.</summary>
    private static float Quantize(float* values, int count, sbyte* codes)
    {
        var (largest, isFinite) = (0f, true);
        for (var i = 0; i < count; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(values[i]));
            isFinite &= float.IsFinite(values[i]);
        }

        if (!isFinite || largest < Smallest)
        {
            new Span<sbyte>(codes, count).Clear();
            return isFinite ? 0f : float.NaN;
        }

        var inverse = 127f / largest;
        for (var i = 0; i < count; i++)
        {
            codes[i] = (sbyte)MathF.Round(values[i] * inverse);
        }

        return largest / 127f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(sbyte* codes)
    {
        var shorts = Vector256.WidenLower(Vector128.Load(codes).ToVector256Unsafe());
        return Vector512.ConvertToSingle(Vector512.WidenLower(shorts.ToVector512Unsafe()));
    }

    private sbyte* CodesOf(byte* block) => (sbyte*)block + ((long)_groups * BlockLength * sizeof(float));

    private int SizeOf(int group) => Math.Min(GroupSize, HeadSize - (group * GroupSize));
}
