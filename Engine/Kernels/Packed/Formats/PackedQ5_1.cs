using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary><see cref="BlockQ5_1"/>.</summary>
internal readonly unsafe struct PackedQ5_1 : IPackedFormat
{
    public static int BlockLength => 32;

    public static int CodeVectors => Codes5.Vectors;

    public static int DotsPerFold => 4;

    public static bool HasMinimums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes5.High<TIsa, TVector>(codes, quad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Codes5.Code<TIsa, TVector>(codes, quad, high, index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, UnpackedBlock* unpacked)
    {
        var source = (BlockQ5_1*)block;
        (unpacked->D, unpacked->Minimum) = (source->D, source->M);
        Nibbles.Split((byte*)&source->Qs, unpacked->Codes, unpacked->Codes + 16, 16);
        PlaneBits.AddFifth((byte*)&source->Qh, unpacked->Codes);
    }

    public static void PackCodes(uint* codes, byte* lane, int vectorBytes) => Codes5.Pack(codes, lane, vectorBytes);
}
