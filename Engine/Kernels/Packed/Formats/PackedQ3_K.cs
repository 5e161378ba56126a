using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ3_K*)block;
        unpacked->D = source->D;
        UnpackScales((uint*)&source->Scales, unpacked->Scales);
        for (var i = 0; i < 16; i++)
        {
            var third = Vector128.ShiftLeft(PlaneBits.One((byte*)&source->HMask + (i % 2 * 16), i / 2), 2);
            (PlaneBits.Two((byte*)&source->Qs + (i / 8 * 32) + (i % 2 * 16), i % 8 / 2 * 2) | third).Store(unpacked->Codes + (i * 16));
        }
    }

    /// <summary>Four bits of each scale are in the first eight bytes, two in the last four: see <see cref="BlockQ3_K.Scales"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnpackScales(uint* packed, byte* scales)
    {
        var low = Vector128.Create(packed[0], packed[1], packed[0] >> 4, packed[1] >> 4) & Vector128.Create(0x0F0F0F0Fu);
        var high = Vector128.Create(packed[2], packed[2] >> 2, packed[2] >> 4, packed[2] >> 6) & Vector128.Create(0x03030303u);
        ((low | Vector128.ShiftLeft(high, 4)).AsByte() - Vector128.Create((byte)32)).Store(scales);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes3.Pack(codes, lane, vectorBytes);
}
