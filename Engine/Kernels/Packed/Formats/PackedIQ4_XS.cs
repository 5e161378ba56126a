using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockIQ4_XS"/>, its scales widened to 8 bits.</summary>
internal readonly unsafe struct PackedIQ4_XS : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => CodesNonLinear4.Vectors;

    public static bool IsSigned => true;

    public static int ScaleVectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodesNonLinear4.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.Signed<TIsa, TVector>(scales, subBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.SignedPair<TIsa, TVector>(scales, pair);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockIQ4_XS*)block;
        unpacked->D = source->D;
        for (var sub = 0; sub < 8; sub++)
        {
            var low = (source->ScalesLow[sub / 2] >> (sub % 2 * 4)) & 0xF;
            unpacked->Scales[sub] = (byte)((low | (((source->ScalesHigh >> (sub * 2)) & 3) << 4)) - 32);
            Nibbles.Split((byte*)&source->Qs + (sub * 16), unpacked->Codes + (sub * 32), unpacked->Codes + (sub * 32) + 16, 16);
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
