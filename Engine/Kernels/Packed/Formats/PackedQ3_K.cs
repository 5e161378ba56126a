using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ3_K"/>, its scales widened to 8 bits.</summary>
internal readonly unsafe struct PackedQ3_K : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes3.Vectors;

    public static int DotsPerFold => 4;

    public static int ScaleLength => 16;

    public static int ScaleVectors => 4;

    public static int Offset => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes3.High<TIsa, TVector>(codes, quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes3.Code<TIsa, TVector>(codes, quad, high, index);

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
        var source = (BlockQ3_K*)block;
        unpacked->D = source->D;
        for (var sub = 0; sub < 16; sub++)
        {
            unpacked->Scales[sub] = (byte)BlockQ3_K.Scale(source->Scales, sub);
        }

        for (var i = 0; i < 256; i++)
        {
            var low = (source->Qs[(i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3;
            unpacked->Codes[i] = (byte)(low | (((source->HMask[i % 32] >> (i / 32)) & 1) << 2));
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes3.Pack(codes, lane, vectorBytes);
}
