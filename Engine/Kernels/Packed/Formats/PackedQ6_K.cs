using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ6_K"/>.</summary>
internal readonly unsafe struct PackedQ6_K : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes6.Vectors;

    public static int DotsPerFold => 2;

    public static int ScaleLength => 16;

    public static int ScaleVectors => 4;

    public static int Offset => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes6.High<TIsa, TVector>(codes, quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes6.Code<TIsa, TVector>(codes, quad, high, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.Signed<TIsa, TVector>(scales, subBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.SignedPair<TIsa, TVector>(scales, pair);

    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ6_K*)block;
        unpacked->D = source->D;
        for (var sub = 0; sub < 16; sub++)
        {
            unpacked->Scales[sub] = (byte)source->Scales[sub];
        }

        for (var half = 0; half < 2; half++)
        {
            UnpackHalf((byte*)&source->Ql + (half * 64), (byte*)&source->Qh + (half * 32), unpacked->Codes + (half * 128));
        }
    }

    private static void UnpackHalf(byte* low, byte* high, byte* codes)
    {
        Nibbles.Split(low, codes, codes + 64, 64);
        for (var i = 0; i < 32; i++)
        {
            codes[i] |= (byte)((high[i] & 0x03) << 4);
            codes[i + 32] |= (byte)((high[i] & 0x0C) << 2);
            codes[i + 64] |= (byte)(high[i] & 0x30);
            codes[i + 96] |= (byte)((high[i] & 0xC0) >> 2);
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes6.Pack(codes, lane, vectorBytes);
}
