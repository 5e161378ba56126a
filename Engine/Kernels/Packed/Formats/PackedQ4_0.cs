using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ4_0"/>.</summary>
internal readonly unsafe struct PackedQ4_0 : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes4.Vectors;

    public static int Offset => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes4.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ4_0*)block;
        unpacked->D = source->D;
        Nibbles.Split((byte*)&source->Qs, unpacked->Codes, unpacked->Codes + 16, 16);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
