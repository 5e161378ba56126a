using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ4_K"/>, its scales and minimums widened to 8 bits.</summary>
internal readonly unsafe struct PackedQ4_K : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes4.Vectors;

    public static int ScaleVectors => 2;

    public static bool HasMinimums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes4.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.Unsigned<TIsa, TVector>(scales, subBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => ByteScales.UnsignedPair<TIsa, TVector>(scales, pair);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ4_K*)block;
        (unpacked->D, unpacked->Minimum) = (source->D, source->DMin);
        for (var sub = 0; sub < 8; sub++)
        {
            var (scale, minimum) = KScales.Get(source->Scales, sub);
            (unpacked->Scales[sub], unpacked->Minimums[sub]) = ((byte)scale, (byte)minimum);
        }

        for (var two = 0; two < 4; two++)
        {
            Nibbles.Split((byte*)&source->Qs + (two * 32), unpacked->Codes + (two * 64), unpacked->Codes + (two * 64) + 32, 32);
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
