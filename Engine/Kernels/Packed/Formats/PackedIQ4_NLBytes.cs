using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockIQ4_NL"/> with 128 added to its levels, for instruction sets that multiply unsigned bytes of any size.</summary>
internal readonly unsafe struct PackedIQ4_NLBytes : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes4.Vectors;

    public static int Offset => CodesNonLinear4.ByteOffset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodesNonLinear4.ByteCode<TIsa, TVector>(codes, quad, index);

    public static void Unpack(byte* block, UnpackedBlock* unpacked) => PackedIQ4_NL.Unpack(block, unpacked);

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
