using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ4_1"/>.</summary>
internal readonly unsafe struct PackedQ4_1 : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes4.Vectors;

    public static bool HasMinimums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes4.Code<TIsa, TVector>(codes, quad, index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ4_1*)block;
        (unpacked->D, unpacked->Minimum) = (source->D, source->M);
        Nibbles.Split((byte*)&source->Qs, unpacked->Codes, unpacked->Codes + 16, 16);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes4.Pack(codes, lane, vectorBytes);
}
