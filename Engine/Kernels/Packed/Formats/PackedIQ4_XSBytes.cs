using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockIQ4_XS"/> with 128 added to its levels, for instruction sets that multiply unsigned bytes of any size.</summary>
internal readonly unsafe struct PackedIQ4_XSBytes : IPackedFormat
{
    public static int BlockLength => 256;

    public static int CodeVectors => Codes4.Vectors;

    public static int ScaleVectors => PackedIQ4_XS.ScaleVectors;

    public static int Offset => CodesNonLinear4.ByteOffset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodesNonLinear4.ByteCode<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => PackedIQ4_XS.Scale<TIsa, TVector>(scales, subBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => PackedIQ4_XS.Pair<TIsa, TVector>(scales, pair);

    public static void Unpack(byte* block, UnpackedBlock* unpacked) => PackedIQ4_XS.Unpack(block, unpacked);

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
