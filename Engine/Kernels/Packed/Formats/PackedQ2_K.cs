using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ2_K"/>, scale and minimum in one byte as there.</summary>
internal readonly unsafe struct PackedQ2_K : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes2.Vectors;

    public static int DotsPerFold => 4;

    public static int ScaleLength => 16;

    public static int ScaleVectors => 4;

    public static bool HasMinimums => true;

    public static bool SharesScales => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes2.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.And(ByteScales.Unsigned<TIsa, TVector>(scales, subBlock), TIsa.CreateInt16(0xF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.ShiftRight(ByteScales.UnsignedPair<TIsa, TVector>(scales, pair), 4);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ2_K*)block;
        (unpacked->D, unpacked->Minimum) = (source->D, source->DMin);
        Vector128.Load((byte*)&source->Scales).Store(unpacked->Scales);
        for (var i = 0; i < 16; i++)
        {
            PlaneBits.Two((byte*)&source->Qs + (i / 8 * 32) + (i % 2 * 16), i % 8 / 2 * 2).Store(unpacked->Codes + (i * 16));
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes2.Pack(codes, lane, vectorBytes);
}
