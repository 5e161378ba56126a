using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ6_K*)block;
        unpacked->D = source->D;
        Vector128.Load((byte*)&source->Scales).Store(unpacked->Scales);
        Nibbles.Split((byte*)&source->Ql, unpacked->Codes, unpacked->Codes + 64, 64);
        Nibbles.Split((byte*)&source->Ql + 64, unpacked->Codes + 128, unpacked->Codes + 192, 64);
        for (var i = 0; i < 16; i++)
        {
            var codes = unpacked->Codes + (i * 16);
            var high = Vector128.ShiftLeft(PlaneBits.Two((byte*)&source->Qh + (i / 8 * 32) + (i % 2 * 16), i % 8 / 2 * 2), 4);
            (Vector128.Load(codes) | high).Store(codes);
        }
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes6.Pack(codes, lane, vectorBytes);
}
