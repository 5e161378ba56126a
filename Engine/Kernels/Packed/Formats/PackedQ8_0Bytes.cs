using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ8_0"/> with 128 added to its codes, for instruction sets that multiply unsigned bytes of any size.</summary>
internal readonly unsafe struct PackedQ8_0Bytes : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes8.Vectors;

    public static int Offset => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodeVector.Load<TIsa, TVector>(codes, (quad * 4) + index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        PackedQ8_0.Unpack(block, unpacked);
        (Vector256.Load(unpacked->Codes) ^ Vector256.Create((byte)0x80)).Store(unpacked->Codes);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes8.Pack(codes, lane, vectorBytes);
}
